/** Tests failing providers: one `error` event with the right code and a sentence, and the text so far is kept. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { type ErrorCode, errorTable, type Message, type RunEvent } from '@rill/protocol';
import { type FixtureCase, loadFixtureCases } from '@rill/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, countRows, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { isTerminal } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

type ErrorData = Extract<RunEvent, { type: 'error' }>['data'];

const { cases } = await loadFixtureCases();
const failingCases = cases.filter((fixture) => fixture.expect.outcome !== 'complete');
const firstAttemptOnly = { RILL_MAX_RETRIES: '0' };

/** What a user reads: one line of complete sentences, without markup. */
const sentence = /^[A-Z][^<>\n]{9,500}[.…)]?$/;

/** Sends, expects one `error` event that agrees with what is stored, and returns its data. */
async function sendAndFail(server: TestServer, body: object, path?: string): Promise<ErrorData> {
  const chatPath = path ?? (await server.newChat()).path;
  const frames = await (await send(server, chatPath, body)).rest();
  expect(frames.filter(isTerminal)).toHaveLength(1);
  const event = frames.at(-1)?.event;
  if (event?.type !== 'error') throw new Error(`The run ended as ${event?.type}.`);
  const { error, message } = event.data;
  expect(error.message).toMatch(sentence);
  expect(error.message.startsWith(errorTable[error.code].sentence.slice(0, 10))).toBe(true);
  expect(message).toMatchObject({ status: 'failed', error });
  expect(await answerOf(server, chatPath)).toEqual(message);
  expect(countRows(server, 'run_events', `type IN ('done','error') AND run_id='${message.runId}'`)).toBe(1);
  expect(await leftOpen(server)).toEqual(nothing);
  return event.data;
}

const codesOfFixture: Readonly<Record<string, ErrorCode>> = {
  'error-mid-stream': 'provider_unavailable',
  'error-mid-stream-string-code': 'provider_unavailable',
  'error-after-finish-with-usage': 'provider_rejected',
  'error-first-event': 'provider_unavailable',
  'error-bare-object': 'provider_unavailable',
  'cut-no-done': 'provider_protocol',
  'cut-mid-line': 'provider_protocol',
  'empty-answer-native-error': 'provider_empty',
  'http-429-upstream': 'provider_rate_limited',
  'http-429-free-per-day': 'provider_rate_limited',
  'http-402-credits': 'provider_rejected',
  'http-402-in-flight': 'provider_rate_limited',
  'http-401': 'provider_auth',
  'http-403-moderation': 'provider_rejected',
  'http-404-no-endpoints': 'no_provider_left',
  'http-408': 'provider_unavailable',
  'http-502-file-annotations': 'provider_unavailable',
  'http-502-html': 'provider_unavailable',
  'http-503-retry-after': 'provider_unavailable',
  'http-524-edge-timeout': 'provider_unavailable',
  'json-200-error': 'provider_unavailable',
  'w03b-error-field-after-text': 'provider_unavailable',
  'w04a-raw-json-error-only': 'provider_unavailable',
  'w05h-json-error-labelled-event-stream': 'provider_rejected',
  'w08a-object-error-first': 'provider_rejected',
  'w08b-object-error-after-text': 'provider_unavailable',
  'w09-error-in-array': 'provider_rejected',
  'w10a-detail-sentence': 'provider_unavailable',
  'w10c-mistral-message-object': 'provider_rejected',
  'w10d-errors-list': 'model_not_found',
  'w10f-plain-words': 'provider_unavailable',
};

describe('a recorded failure of a provider', () => {
  let server: TestServer;
  beforeAll(async () => {
    const listedModels = failingCases.map((fixture) => `fixture/${fixture.id}`);
    server = await startTestServer({ listedModels, environment: firstAttemptOnly });
  });
  afterAll(() => server.close());

  const isEmpty = (fixture: FixtureCase) => fixture.expect.outcome === 'empty';

  it('has an expected code in every failing fixture', () => {
    expect(failingCases.map((fixture) => fixture.id).sort()).toEqual(Object.keys(codesOfFixture).sort());
  });

  it.each(failingCases.map((fixture) => [fixture.id, fixture] as const))(
    '%s becomes one error event, and the text before it is kept',
    async (id, fixture) => {
      const { error, message, usage } = await sendAndFail(server, { content: 'Hi', model: `fixture/${id}` });
      expect(error.code).toBe(codesOfFixture[id]);
      expect(error.isRetryable).toBe(isEmpty(fixture) || fixture.expect.error?.retryable === true);
      expect(error.retryAfterMs ?? null).toBe(
        fixture.expect.error?.retry_after_ms ?? error.retryAfterMs ?? null,
      );
      expect(message).toMatchObject({ content: fixture.expect.content, reasoning: fixture.expect.reasoning });
      if (fixture.expect.usage) expect(usage).toMatchObject({ estimated: false });
      expect(JSON.stringify(message)).not.toMatch(/user_\w+/);
    },
  );
});

describe('the demo model that fails', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      environment: { ...firstAttemptOnly, RILL_DEFAULT_MODEL: 'demo/flaky' },
    });
  });
  afterAll(() => server.close());

  it.each([
    ['429', 'provider_rate_limited', false],
    ['402', 'provider_rejected', false],
    ['502', 'provider_unavailable', false],
    ['503', 'provider_unavailable', false],
    ['html', 'provider_unavailable', false],
    ['mid-stream', 'provider_unavailable', true],
    ['cut', 'provider_protocol', true],
    ['reset', 'provider_protocol', true],
    ['empty', 'provider_empty', false],
  ] as const)('at the word %s ends in %s', async (word, code, hasText) => {
    const { error, message } = await sendAndFail(server, { content: `Please ${word}` });
    expect(error.code).toBe(code);
    expect(message.content.startsWith('A lighthouse does three jobs')).toBe(hasText);
    expect(error.message).not.toMatch(/bad gateway|doctype|html/i);
  });

  it.each([
    ['filter', 'content_filter'],
    ['length', 'length'],
    ['garbage', 'stop'],
  ])('at the word %s is no error: the answer ends with what there is', async (word, finishReason) => {
    const { path } = await server.newChat();
    const frames = await (await send(server, path, { content: word })).rest();
    expect(frames.at(-1)?.event).toMatchObject({
      type: 'done',
      data: { message: { finishReason, error: null } },
    });
  });

  it('keeps the chat usable: the next message is answered', async () => {
    const { path } = await server.newChat();
    await sendAndFail(server, { content: 'Please cut' }, path);
    const frames = await (await send(server, path, { content: 'Hello', model: 'demo/quick' })).rest();
    expect(frames.at(-1)?.event?.type).toBe('done');
  });
});

describe('a provider that cannot be reached', () => {
  let server: TestServer;
  afterEach(() => server.close());

  it.each([
    ['no key', ''],
    ['a wrong key', 'sk-or-v1-wrong-key'],
  ])('because of %s fails as provider_auth, not as a 401 to the user', async (_what, key) => {
    server = await startTestServer({
      simulator: { apiKey: 'sk-or-v1-right-key' },
      environment: { OPENROUTER_API_KEY: key },
    });
    const { error } = await sendAndFail(server, { content: 'Hello' });
    expect(error).toMatchObject({ code: 'provider_auth', isRetryable: false });
    expect(error.message).toBe(errorTable.provider_auth.sentence);
    const { path } = await server.newChat();
    const whole = await failureOf(server.request('POST', `${path}/messages`, { content: 'Hello' }));
    expect(whole).toMatchObject({ status: 502, code: 'provider_auth' });
  });

  it('that is down fails as provider_unavailable after its retries', async () => {
    server = await startTestServer({
      providerUrl: await closedPort(),
      environment: { RILL_MAX_RETRIES: '1', RILL_RETRY_MAX_WAIT_MS: '0' },
    });
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'notice', 'error']);
    expect(frames.at(-1)?.event).toMatchObject({
      data: { error: { code: 'provider_unavailable', isRetryable: true }, message: { content: '' } },
    });
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('POST …/messages', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      environment: { ...firstAttemptOnly, RILL_DEFAULT_MODEL: 'demo/flaky' },
    });
  });
  afterAll(() => server.close());

  it.each([
    ['429', 503, 'provider_rate_limited'],
    ['402', 502, 'provider_rejected'],
    ['mid-stream', 502, 'provider_unavailable'],
    ['cut', 502, 'provider_protocol'],
    ['empty', 502, 'provider_empty'],
  ])('at the word %s answers %i %s and names the run that failed', async (word, status, code) => {
    const { path } = await server.newChat();
    const response = await server.request('POST', `${path}/messages`, { content: word });
    const retryAfter = response.headers.get('retry-after');
    const failure = await failureOf(response);
    expect(failure).toMatchObject({ status, code });
    const answer = (await answerOf(server, path)) as Message;
    expect(failure.details).toMatchObject({ runId: answer.runId, messageId: answer.id });
    expect(failure.message).toBe(answer.error?.message);
    expect(retryAfter).toBe(word === '429' ? '3' : null);
  });
});

async function closedPort(): Promise<string> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}/api/v1`;
}
