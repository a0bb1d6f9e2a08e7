/** Tests that what a model thought is sent back to it, signed and encrypted as it came, and no reader gets it. */
import type { Chat } from '@rill/protocol';
import type { JsonObject, Script, ScriptStep } from '@rill/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, jsonOf, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_DEFAULT_MODEL: 'demo/thinker' } });
  ({ path } = await server.newChat());
});
afterEach(() => server.close());

const fragment = (...reasoning_details: JsonObject[]): ScriptStep => ({
  chunk: {
    id: 'gen-1',
    choices: [{ index: 0, delta: { content: '', reasoning_details }, finish_reason: null }],
  },
});
const script: Script = [
  fragment({ type: 'reasoning.text', text: 'Let me ', index: 0, format: 'anthropic-claude-v1' }),
  fragment({ type: 'reasoning.text', text: 'see.', index: 0 }),
  fragment({ type: 'reasoning.text', signature: 'c2lnbmF0dXJl', index: 0 }),
  { delta: 'Twice a day.' },
  fragment({ type: 'reasoning.encrypted', data: 'ZW5jcnlwdGVk', id: 'r1', index: 1 }),
];
const details = [
  {
    type: 'reasoning.text',
    text: 'Let me see.',
    index: 0,
    format: 'anthropic-claude-v1',
    signature: 'c2lnbmF0dXJl',
  },
  { type: 'reasoning.encrypted', data: 'ZW5jcnlwdGVk', id: 'r1', index: 1 },
];

interface Sent {
  readonly role: string;
  readonly reasoning_details?: unknown;
}
const lastSent = () =>
  (server.simulator.requests.at(-1)?.body as { readonly messages: readonly Sent[] } | undefined)?.messages ??
  [];
const thoughts = () => lastSent().map(({ reasoning_details }) => reasoning_details);
const ask = async (body: object, to = path) => (await send(server, to, body)).rest();

it('what was signed and encrypted goes back with its answer, in the same bytes each time, and no reader gets it', async () => {
  server.simulator.nextScript('demo/thinker', script);
  const events = await ask({ content: 'When is high water?' });
  await ask({ content: 'And low water?' });
  expect(thoughts()).toEqual([undefined, details, undefined]);
  const second = JSON.stringify(lastSent()).slice(0, -1);
  await ask({ content: 'And tomorrow?' });
  expect(JSON.stringify(lastSent()).startsWith(second)).toBe(true);
  expect(await answerOf(server, path)).toMatchObject({ status: 'completed' });
  const seen = JSON.stringify([events, await jsonOf(server.request('GET', path))]);
  expect(seen).toContain('Let me see.');
  expect(seen).not.toMatch(/c2lnbmF0dXJl|ZW5jcnlwdGVk/);
});

it('it goes to the model that thought it alone, with a fork too, and with no answer that was edited', async () => {
  server.simulator.nextScript('demo/thinker', script);
  await ask({ content: 'When is high water?' });
  const answer = await answerOf(server, path);
  await ask({ content: 'And low water?', model: 'demo/quick' });
  expect(thoughts()).toEqual([undefined, undefined, undefined]);
  const fork = await jsonOf<Chat>(server.request('POST', `${path}/fork`, { messageId: answer?.id }));
  const forkPath = path.replace(/[^/]+$/, fork.id);
  await ask({ content: 'And low water?', model: 'demo/thinker' }, forkPath);
  expect(thoughts()).toEqual([undefined, details, undefined]);
  const edited = await jsonOf<Chat>(server.request('POST', `${path}/fork`, { messageId: answer?.id }));
  const editedPath = path.replace(/[^/]+$/, edited.id);
  const copy = await answerOf(server, editedPath);
  await server.request('POST', `${editedPath}/messages/${copy?.id}/versions`, { content: 'Once a day.' });
  await ask({ content: 'Really?', model: 'demo/thinker' }, editedPath);
  expect(lastSent()[1]).toEqual({ role: 'assistant', content: 'Once a day.' });
});
