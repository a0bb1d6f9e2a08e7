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

/** Makes an answer that was cancelled after 'The river ru'. */
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

/** Continues an answer; the provider sends these deltas. */
async function continueAnswer(answer: Message, ...deltas: string[]): Promise<Message> {
  server.simulator.nextScript(
    model,
    deltas.map((delta) => ({ delta })),
  );
  const frames = await (await send(server, path, { continueOf: answer.id })).rest();
  expect(frames.at(-1)?.event?.type).toBe('done');
  expect(frames[0]?.event).toMatchObject({ type: 'run-start', data: { userMessage: null } });
  return lastAnswer();
}

const linesOf = ({ messages }: ChatDetail) =>
  messages.map(({ role, status, content }) => `${role} ${status}: ${content}`);

/** The messages that the provider got with its last call, as role and text. */
function lastQuestion(): string[] {
  const asked = server.simulator.requests.findLast((request: RecordedRequest) => request.model === model);
  const body = asked?.body as { messages: { role: string; content: string }[] } | undefined;
  return (body?.messages ?? []).map(({ role, content }) => `${role}: ${content}`);
}

const continueRequest = expect.stringMatching(/^user: Your last answer was cut off/);

describe('continuing an answer', () => {
  it('starts a run whose answer follows the first part, which does not change', async () => {
    const first = await stopInMidAnswer();
    const rest = await continueAnswer(first, 'ns to', ' the sea.');
    expect(rest).toMatchObject({ parentId: first.id, status: 'completed', content: 'ns to the sea.' });
    expect(linesOf(await detailOf(server, path))).toEqual([
      'user completed: Where to?',
      'assistant cancelled: The river ru',
      'assistant completed: ns to the sea.',
    ]);
  });

  it('sends the model its answer so far and asks it to continue', async () => {
    await continueAnswer(await stopInMidAnswer(), 'ns.');
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river ru', continueRequest]);
  });

  it('leaves out text that the model repeats', async () => {
    server.simulator.nextScript(model, [{ delta: 'It runs through the valley, th' }, { hold: 'never' }]);
    const stream = await send(server, path);
    await stream.until(isChunk);
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
    const rest = await continueAnswer(await lastAnswer(), 'through the', ' valley, the', ' town.');
    expect(rest.content).toBe('e town.');
  });

  it('can be done again on a continuation, and the model reads all parts as one answer', async () => {
    const first = await stopInMidAnswer();
    server.simulator.nextScript(model, [{ delta: 'ns to' }, { finish: 'length' }]);
    await (await send(server, path, { continueOf: first.id })).rest();
    await continueAnswer(await lastAnswer(), ' the sea.');
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river runs to', continueRequest]);
    server.simulator.nextScript(model, [{ delta: 'Yes.' }]);
    await (await send(server, path, { content: 'Always?' })).rest();
    expect(lastQuestion()).toEqual([
      'user: Where to?',
      'assistant: The river runs to the sea.',
      'user: Always?',
    ]);
  });

  it('can be retried without losing the first part', async () => {
    const first = await stopInMidAnswer();
    const rest = await continueAnswer(first, 'bbish');
    server.simulator.nextScript(model, [{ delta: 'ns south.' }]);
    await (await send(server, path, { regenerateOf: rest.id })).rest();
    expect(lastQuestion()).toEqual(['user: Where to?', 'assistant: The river ru', continueRequest]);
    const detail = await detailOf(server, path);
    const again = detail.messages.at(-1);
    expect(again).toMatchObject({ parentId: first.id, content: 'ns south.' });
    expect(detail.siblings).toEqual({ [again?.id ?? '']: [rest.id, again?.id] });
    expect(detail.messages.at(-2)).toEqual(first);
  });

  it('and a message under the same answer are reachable from each other', async () => {
    const first = await stopInMidAnswer();
    const rest = await continueAnswer(first, 'ns.');
    server.simulator.nextScript(model, [{ delta: 'Fine.' }]);
    await (await send(server, path, { content: 'Enough', parentId: first.id })).rest();
    const { messages, siblings } = await detailOf(server, path);
    const messageId = messages[2]?.id ?? '';
    expect(siblings).toEqual({ [messageId]: [rest.id, messageId] });
  });

  it('happens once when the request is sent twice with one key', async () => {
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

  it('can be read from its start after its end, when no client was connected', async () => {
    const rest = await continueAnswer(await stopInMidAnswer(), 'ns.');
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
    expect(await continueAnswer(await lastAnswer(), ' and half.')).toMatchObject({ content: ' and half.' });
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
    expect(await continueAnswer(answer, ' and half.')).toMatchObject({ content: ' and half.' });
    await folder.remove();
  });
});

describe('a request to continue is refused', () => {
  const refusal = { status: 400, code: 'bad_request' };
  const attempt = (body: object) => failureOf(server.request('POST', `${path}/messages/stream`, body));

  it('for an answer that is complete', async () => {
    await (await send(server, path)).rest();
    const { id } = await lastAnswer();
    expect(await attempt({ continueOf: id })).toMatchObject(refusal);
  });

  it('for an answer that has no text, and for a user message', async () => {
    server.simulator.nextScript(model, { status: 400, body: { error: { code: 400, message: 'No' } } });
    await (await send(server, path)).rest();
    const { messages } = await detailOf(server, path);
    for (const { id } of messages) expect(await attempt({ continueOf: id })).toMatchObject(refusal);
  });

  it('together with content, a parent, or an answer to regenerate', async () => {
    const { id } = await stopInMidAnswer();
    for (const more of [{ content: 'x' }, { parentId: null }, { regenerateOf: id }]) {
      expect(await attempt({ continueOf: id, ...more })).toMatchObject(refusal);
    }
  });

  it('for an answer of another chat, and while an answer is being written', async () => {
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
