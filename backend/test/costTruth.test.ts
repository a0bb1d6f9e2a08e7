/**
 * Tests over 500 streams, with stops and failures at random moments, that what is shown as spent is what the provider
 * charged, and that the price of each turn was said before.
 */
import { setImmediate } from 'node:timers/promises';
import type { Chat, ChatContext, ChatDetail, Message, Model, UsageReport } from '@rill/protocol';
import type { ScriptStep } from '@rill/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, countRows, jsonOf, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk } from './readStream.ts';
import { chargedUsd } from './reconcileBench.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const chatCount = 50;
const turnCount = 10;

let server: TestServer;
let clock: FakeClock;
let random: () => number;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock, simulator: { generationNotFoundCount: 1 } });
  random = randomNumbers(20_261_130);
});
afterEach(() => server.close());

/** From 0 to below 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const words = 'the tide comes in twice a day because both the moon and the sun pull at the sea'.split(' ');
const text = (most: number): string =>
  Array.from(
    { length: 3 + Math.floor(random() * most) },
    () => words[Math.floor(random() * words.length)],
  ).join(' ');

/** How a provider keeps what was sent, from 1,024 tokens on: not at all, by itself, or because it is asked to. */
type Caching = 'none' | 'automatic' | 'asked';

interface TalkedChat {
  readonly model: Model;
  readonly path: string;
  readonly caching: Caching;
  /** Prompt tokens of its last request, as the model counted them. */
  sentTokens: number;
}

/** What a cache has of the next request. */
function cacheOf({ caching, sentTokens }: TalkedChat): { readTokens: number; writeTokens: number | 'rest' } {
  const isKept = caching !== 'none' && sentTokens >= 1024;
  const keptTokens = caching === 'asked' ? sentTokens : Math.floor(sentTokens / 128) * 128;
  return { readTokens: isKept ? keptTokens : 0, writeTokens: caching === 'asked' ? 'rest' : 0 };
}

/** The end of an answer: as it should be, without its figures, with the fee of a search, broken or failed. */
function endOf(kind: number): ScriptStep {
  if (kind < 0.05) return { reset: true };
  if (kind < 0.1) return { error: { code: 502, message: 'Provider returned error' } };
  if (kind < 0.25) return { finish: 'stop', usage: null };
  if (kind < 0.35) return { finish: 'stop', tools: { searches: 1, feeUsd: 0.007, isNative: false } };
  return { finish: 'stop' };
}

/** Asks once, and stops the answer in the middle of every fourth one. */
async function ask(chat: TalkedChat, content: string): Promise<Message | undefined> {
  const isStopped = random() < 0.25;
  const end: readonly ScriptStep[] = isStopped ? [{ hold: 'never' }] : [endOf(random())];
  const steps = [{ delta: text(5) }, { text: text(300) }, ...end];
  server.simulator.nextScript(chat.model.id, { steps, cache: cacheOf(chat) });
  const stream = await send(server, chat.path, { content, model: chat.model.id });
  if (isStopped) {
    await stream.until(isChunk);
    await server.request('POST', `${chat.path}/cancel`);
  }
  await stream.rest();
  return answerOf(server, chat.path);
}

/** Lets time pass until no figure is looked up any more. */
async function settle(): Promise<void> {
  while (countRows(server, 'generations', 'next_look_up_at_ms IS NOT NULL') > 0) {
    clock.advance(1000);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  }
}

const spentUsd = ({ usage }: Message): number => usage?.costUsd ?? 0;

it('500 streams: the sum shown is the sum of the provider, and 95 % of prompts cost what was said, within 10 %', async () => {
  const { models } = await jsonOf<{ models: Model[] }>(server.request('GET', '/api/models'));
  /** Each caches in its own way. */
  const priced = models.filter(({ promptUsdPerToken }) => (promptUsdPerToken ?? 0) > 0).slice(0, 3);
  expect(priced).toHaveLength(3);
  const errors: number[] = [];
  const answers: Message[] = [];
  const chats: Chat[] = [];
  for (let made = 0; made < chatCount; made += 1) {
    const { path } = await server.newChat();
    const caching: Caching = (['none', 'asked', 'automatic'] as const)[made % 3] ?? 'none';
    const model = priced[made % 3];
    if (!model) throw new Error('There is no model.');
    const chat: TalkedChat = { path, model, caching, sentTokens: 0 };
    for (let turn = 0; turn < turnCount; turn += 1) {
      const content = text(200);
      await server.request('PUT', `${path}/draft`, { content, writer: 'test', baseRevision: 1_000_000 });
      const { price } = await jsonOf<ChatContext>(
        server.request('GET', `${path}/context?model=${encodeURIComponent(model.id)}`),
      );
      await ask(chat, content);
      await settle();
      const answer = await answerOf(server, path);
      if (!answer?.usage) throw new Error('An answer has no usage.');
      const { promptTokens, completionTokens, costUsd, toolCostUsd = 0 } = answer.usage;
      const paidUsd = (costUsd ?? 0) - completionTokens * (model.completionUsdPerToken ?? 0) - toolCostUsd;
      errors.push(Math.abs((price?.promptUsd ?? 0) / paidUsd - 1));
      chat.sentTokens = promptTokens;
      answers.push(answer);
    }
    chats.push((await jsonOf<ChatDetail>(server.request('GET', path))).chat);
  }
  const charged = await chargedUsd(server.simulator);
  const { total } = await jsonOf<UsageReport>(
    server.request('GET', '/api/usage?from=2026-01-01&to=2026-12-31&by=day'),
  );
  expect(answers.filter(({ status }) => status === 'cancelled').length).toBeGreaterThan(80);
  expect(total).toMatchObject({ answerCount: 500, estimatedUsd: 0, unknownCount: 0 });
  // To the millionth of a dollar, where a cent is asked for.
  expect(total.costUsd).toBeCloseTo(charged, 6);
  expect(answers.reduce((sum, answer) => sum + spentUsd(answer), 0)).toBeCloseTo(charged, 6);
  expect(chats.reduce((sum, { cost }) => sum + (cost?.costUsd ?? 0), 0)).toBeCloseTo(charged, 6);
  const close = errors.filter((error) => error <= 0.1).length / errors.length;
  expect(close).toBeGreaterThanOrEqual(0.95);
}, 240_000);
