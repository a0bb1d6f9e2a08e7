import type { ChatDetail, Message } from '@rill/protocol';
import type { RecordedRequest } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, detailOf, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { contentOf, isChunk, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer();
  path = (await server.newChat()).path;
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

/** An answer that was stopped after 'The river ru'. */
async function stopInMidAnswer(): Promise<Message> {
  server.simulator.nextScript(model, [{ delta: 'The river ru' }, { hold: 'never' }]);
  const stream = await send(server, path, { content: 'Where to?' });
  await stream.until(isChunk);
  await server.request('POST', `${path}/cancel`, {});
  await stream.rest();
  return lastAnswer();
}

async function lastAnswer(): Promise<Message> {
  const answer = await answerOf(server, path);
  if (!answer) throw new Error('The chat has no answer.');
  return answer;
}

/** Goes on with an answer; the provider says these deltas. */
async function goOn(answer: Message, ...deltas: string[]): Promise<Message> {
  server.simulator.nextScript(
    model,
    deltas.map((delta) => ({ delta })),
  );
  const frames = await (await send(server, path, { continueOf: answer.id })).rest();
  expect(frames.at(-1)?.event?.type).toBe('done');
  expect(frames[0]?.event).toMatchObject({ type: 'run-start', data: { userMessage: null } });
  return lastAnswer();
}

const told = ({ messages }: ChatDetail) =>
  messages.map(({ role, status, content }) => `${role} ${status}: ${content}`);

/** What the provider was given with its last call, as role and text. */
function lastQuestion(): string[] {
  const asked = server.simulator.requests.findLast((request: RecordedRequest) => request.model === model);
  const body = asked?.body as { messages: { role: string; content: string }[] } | undefined;
  return (body?.messages ?? []).map(({ role, content }) => `${role}: ${content}`);
}

const askToGoOn = expect.stringMatching(/^user: Your last answer was cut off/);

describe('going on with an answer', () => {
  it('makes a run whose answer follows the first part, which stays as it was', async () => {
    const first = await stopInMidAnswer();
    const rest = await goOn(first, 'ns to', ' the sea.');
    expect(rest).toMatchObject({ parentId: first.id, status: 'completed', content: 'ns to the sea.' });
    expect(told(await detailOf(server, path))).toEqual([
      'user completed: Where to?',
      'assistant cancelled: The river ru',
      'assistant completed: ns to the sea.',
    ]);
  });

  it('gives the model its answer so far and asks it to go on', async () => {
    await goOn(await stopInMidAnswer(), 'ns.');
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river ru', askToGoOn]);
  });

  it('leaves out what the model says once more', async () => {
    server.simulator.nextScript(model, [{ delta: 'It runs through the valley, th' }, { hold: 'never' }]);
    const stream = await send(server, path);
    await stream.until(isChunk);
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
    const rest = await goOn(await lastAnswer(), 'through the', ' valley, the', ' town.');
    expect(rest.content).toBe('e town.');
  });

  it('works again on the rest, and the model reads all parts as one answer', async () => {
    const first = await stopInMidAnswer();
    server.simulator.nextScript(model, [{ delta: 'ns to' }, { finish: 'length' }]);
    await (await send(server, path, { continueOf: first.id })).rest();
    await goOn(await lastAnswer(), ' the sea.');
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river runs to', askToGoOn]);
    server.simulator.nextScript(model, [{ delta: 'Yes.' }]);
    await (await send(server, path, { content: 'Always?' })).rest();
    expect(lastQuestion()).toEqual([
      'user: Where to?',
      'assistant: The river runs to the sea.',
      'user: Always?',
    ]);
  });

  it('can be tried again without losing the first part', async () => {
    const first = await stopInMidAnswer();
    const rest = await goOn(first, 'bbish');
    server.simulator.nextScript(model, [{ delta: 'ns south.' }]);
    await (await send(server, path, { regenerateOf: rest.id })).rest();
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river ru', askToGoOn]);
    const detail = await detailOf(server, path);
    const again = detail.messages.at(-1);
    expect(again).toMatchObject({ parentId: first.id, content: 'ns south.' });
    expect(detail.siblings).toEqual({ [again?.id ?? '']: [rest.id, again?.id] });
    expect(detail.messages.at(-2)).toEqual(first);
  });

  it('and a message to the same answer are no alternatives to each other', async () => {
    const first = await stopInMidAnswer();
    await goOn(first, 'ns.');
    server.simulator.nextScript(model, [{ delta: 'Fine.' }]);
    await (await send(server, path, { content: 'Enough', parentId: first.id })).rest();
    expect((await detailOf(server, path)).siblings).toEqual({});
  });

  it('sent twice with one key goes on once', async () => {
    const first = await stopInMidAnswer();
    server.simulator.nextScript(model, [{ delta: 'ns.' }]);
    const key = { 'idempotency-key': 'once' };
    const calls = () => server.simulator.requests.filter((request) => request.model === model).length;
    const frames = await (await send(server, path, { continueOf: first.id }, key)).rest();
    const callCount = calls();
    const repeated = await (await send(server, path, { continueOf: first.id }, key)).rest();
    expect(contentOf(repeated)).toBe('ns.');
    expect(repeated.at(-1)).toEqual(frames.at(-1));
    expect(repeated[0]?.event).toMatchObject({ type: 'run-start', data: { userMessage: null } });
    expect(calls()).toBe(callCount);
  });

  it('can be resumed from its start after its end, when nobody was there', async () => {
    const rest = await goOn(await stopInMidAnswer(), 'ns.');
    const frames = await readStream(await attach(server, path, `${rest.runId}.0.0.0`)).rest();
    expect(frames[0]?.event).toMatchObject({
      type: 'run-start',
      data: { userMessage: null, message: { parentId: rest.parentId, content: '' } },
    });
    expect(contentOf(frames)).toBe('ns.');
  });

  it.each([
    ['that reached its length limit', [{ delta: 'Half' }, { finish: 'length' }]],
    ['that failed in the middle', [{ delta: 'Half' }, { error: { code: 502, message: 'Gone' } }]],
    ['whose connection broke', [{ delta: 'Half' }, { reset: true }]],
  ] as const)('is possible for an answer %s', async (_name, script) => {
    server.simulator.nextScript(model, [...script]);
    await (await send(server, path)).rest();
    expect(await goOn(await lastAnswer(), ' and half.')).toMatchObject({ content: ' and half.' });
  });

  it('is possible for an answer that a restart interrupted', async () => {
    await server.close();
    const folder = await makeFolder();
    const first = await startTestServer({ dataDirectory: folder.path });
    ({ path } = await first.newChat());
    first.simulator.nextScript(model, [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send(first, path);
    await stream.until(isChunk);
    await first.close();
    await stream.rest();
    server = await startTestServer({ dataDirectory: folder.path });
    const answer = await lastAnswer();
    expect(answer.status).toBe('interrupted');
    expect(await goOn(answer, ' and half.')).toMatchObject({ content: ' and half.' });
    await folder.remove();
  });
});

describe('going on is refused', () => {
  const refusal = { status: 400, code: 'bad_request' };
  const attempt = (body: object) => failureOf(server.request('POST', `${path}/messages/stream`, body));

  it('with an answer that is whole', async () => {
    await (await send(server, path)).rest();
    const { id } = await lastAnswer();
    expect(await attempt({ continueOf: id })).toMatchObject(refusal);
  });

  it('with an answer that has no text, and with a user message', async () => {
    server.simulator.nextScript(model, { status: 400, body: { error: { code: 400, message: 'No' } } });
    await (await send(server, path)).rest();
    const { messages } = await detailOf(server, path);
    for (const { id } of messages) expect(await attempt({ continueOf: id })).toMatchObject(refusal);
  });

  it('together with content, a parent, or an answer to write anew', async () => {
    const { id } = await stopInMidAnswer();
    for (const more of [{ content: 'x' }, { parentId: null }, { regenerateOf: id }]) {
      expect(await attempt({ continueOf: id, ...more })).toMatchObject(refusal);
    }
  });

  it('with an answer of another chat, and while an answer is being written', async () => {
    const first = await stopInMidAnswer();
    const other = await server.newChat();
    const elsewhere = server.request('POST', `${other.path}/messages/stream`, { continueOf: first.id });
    expect(await failureOf(elsewhere)).toMatchObject({ status: 404, code: 'not_found' });
    server.simulator.nextScript(model, [{ delta: 'x' }, { hold: 'busy' }]);
    const stream = await send(server, path, { content: 'More' });
    expect(await attempt({ continueOf: first.id })).toMatchObject({ status: 409, code: 'run_active' });
    server.simulator.release('busy');
    await stream.rest();
  });
});
