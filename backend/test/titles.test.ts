/** Tests that a small model names a chat after its first answer, once, and that a user's own title stays. */
import type { Chat, ChatDetail } from '@rill/protocol';
import type { ScriptStep } from '@rill/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonOf } from './callServer.ts';
import { startTestServer, type TestChat, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_TITLE_MODEL: 'small/namer' } });
});
afterEach(() => server.close());

const answer = ({ path }: TestChat, body: object) => jsonOf(server.request('POST', `${path}/messages`, body));
const read = async ({ path }: TestChat): Promise<Chat> =>
  (await jsonOf<ChatDetail>(server.request('GET', path))).chat;
const titleCalls = () => server.simulator.requests.filter(({ model }) => model === 'small/namer');
const willWrite = (...script: ScriptStep[]) => server.simulator.script('small/namer', script);

it('a first answer is followed by a title in place of the question, and the chat says what it cost', async () => {
  willWrite({ delta: '"The cause of tides."' }, { finish: 'stop' });
  const chat = await server.newChat();
  await answer(chat, { content: 'Can you tell me how the tides work?' });
  await expect.poll(async () => (await read(chat)).title).toBe('The cause of tides');
  const { titleReceipt } = await read(chat);
  expect(titleReceipt).toMatchObject({ model: 'small/namer', usage: { estimated: false } });
  expect(titleReceipt?.usage?.costUsd).toBeGreaterThan(0);
});

it('a title changes neither when the chat was changed nor its position in the list', async () => {
  willWrite({ hold: 'title' }, { delta: 'Tides' }, { finish: 'stop' });
  const chat = await server.newChat();
  await answer(chat, { content: 'How do tides work?' });
  const before = await read(chat);
  expect(before.title).toBe('How do tides work?');
  server.simulator.release('title');
  await expect.poll(async () => (await read(chat)).title).toBe('Tides');
  expect((await read(chat)).updatedAtMs).toBe(before.updatedAtMs);
});

it('a title that its user typed is never replaced, also when it came while the model wrote', async () => {
  willWrite({ hold: 'title' }, { delta: 'Tides' }, { finish: 'stop' });
  const chat = await server.newChat();
  await answer(chat, { content: 'How do tides work?' });
  await expect.poll(() => titleCalls().length).toBe(1);
  await server.request('PATCH', chat.path, { title: 'Mine' });
  server.simulator.release('title');
  await server.app.titles.whenIdle();
  expect(await read(chat)).toMatchObject({ title: 'Mine', titleReceipt: { model: 'small/namer' } });
});

it.each<[string, ScriptStep[]]>([
  ['thinks only', [{ reasoning: 'Hm.' }, { finish: 'stop' }]],
  ['is cut off', [{ delta: 'The cause' }, { finish: 'length' }]],
  ['refuses', [{ delta: "I'm sorry, I can't." }, { finish: 'stop' }]],
  ['fails', [{ error: { code: 402, message: 'No credits.' } }]],
])('a model that %s leaves the title of the question, and is not asked again', async (_, script) => {
  willWrite(...script);
  const chat = await server.newChat();
  await answer(chat, { content: 'How do tides work?' });
  await expect.poll(() => titleCalls().length).toBeGreaterThan(0);
  await server.app.titles.whenIdle();
  const asked = titleCalls().length;
  await answer(chat, { content: 'And waves?' });
  await server.app.titles.whenIdle();
  expect([(await read(chat)).title, titleCalls().length]).toEqual(['How do tides work?', asked]);
});

it('an answer that was stopped or failed names nothing', async () => {
  server.simulator.script('demo/quick', [{ error: { code: 400, message: 'No.' } }]);
  const chat = await server.newChat();
  await server.request('POST', `${chat.path}/messages`, { content: 'How do tides work?' });
  await server.app.titles.whenIdle();
  expect(titleCalls()).toEqual([]);
});

it('a server that stops in mid-title stops at once', async () => {
  willWrite({ hold: 'never' });
  const chat = await server.newChat();
  await answer(chat, { content: 'How do tides work?' });
  await expect.poll(() => titleCalls().length).toBe(1);
});
