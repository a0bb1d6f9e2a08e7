/** Tests that each request carries what its project says at that moment, and that old answers still show what was sent. */

import type { Project, RunReceipt } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, failureOf, jsonOf, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const change = (project: Project, body: object) =>
  server.request('PATCH', `/api/projects/${project.id}`, body);
interface Sent {
  readonly messages: readonly { role: string; content: string }[];
  readonly temperature?: number;
}
const sentBody = (index: number) =>
  server.simulator.requests.filter(({ model }) => model)[index]?.body as unknown as Sent;
const receiptOf = async (path: string) => {
  const answer = await answerOf(server, path);
  return jsonOf<RunReceipt>(server.request('GET', `/api/runs/${answer?.runId}/receipt`));
};

it('instructions that change in the middle of a chat are in the next request, and not in the receipt of an old answer', async () => {
  const { project, path } = await server.newChat();
  await change(project, { systemPrompt: 'Be brief.', options: { temperature: 0.2, maxTokens: 50 } });
  await (await send(server, path)).rest();
  const first = await answerOf(server, path);
  await change(project, { systemPrompt: 'Be long.', options: null });
  await (await send(server, path, { content: 'Again', options: { temperature: 1 } })).rest();
  expect(sentBody(0)).toMatchObject({
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
    temperature: 0.2,
    max_tokens: 50,
  });
  expect(sentBody(1).messages[0]).toEqual({ role: 'system', content: 'Be long.' });
  expect(sentBody(1).temperature).toBe(1);
  expect(await receiptOf(path)).toMatchObject({ instructions: 'Be long.', options: { temperature: 1 } });
  expect(await jsonOf(server.request('GET', `/api/runs/${first?.runId}/receipt`))).toMatchObject({
    model: 'demo/quick',
    instructions: 'Be brief.',
    options: { temperature: 0.2, maxTokens: 50 },
    maxTokens: 50,
  });
});

it('a chat that moved follows the instructions of its new project from the next message on', async () => {
  const { project, chat, path } = await server.newChat();
  await change(project, { systemPrompt: 'Old.' });
  const other = await jsonOf<Project>(
    server.request('POST', '/api/projects', { name: 'B', systemPrompt: 'New.' }),
  );
  await (await send(server, path)).rest();
  await server.request('POST', '/api/chats/update', { chatIds: [chat.id], projectId: other.id });
  const newPath = `/api/projects/${other.id}/chats/${chat.id}`;
  expect((await server.request('GET', path)).status).toBe(404);
  expect(await receiptOf(newPath)).toMatchObject({ instructions: 'Old.' });
  await (await send(server, newPath)).rest();
  expect(sentBody(1).messages[0]).toEqual({ role: 'system', content: 'New.' });
  expect(await receiptOf(newPath)).toMatchObject({ instructions: 'New.' });
});

it('an option of the message wins over that of the project', async () => {
  const { project, path } = await server.newChat();
  await change(project, { options: { temperature: 0.2, topP: 0.5 } });
  await (await send(server, path, { content: 'Hi', options: { temperature: 0.9 } })).rest();
  expect(sentBody(0)).toMatchObject({ temperature: 0.9, top_p: 0.5 });
});

it('a receipt of an unknown run is not found', async () => {
  expect(await failureOf(server.request('GET', '/api/runs/unknown/receipt'))).toMatchObject({ status: 404 });
});
