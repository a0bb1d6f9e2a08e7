/** Tests the usage of an answer whose stream did not report it: an estimate first, then the provider's own figures. */
import { type CancelResult, formatCursor, startOfRun } from '@rill/protocol';
import { type Script, type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, countRows, detailOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk, readFeed, readStream } from './readStream.ts';
import {
  chargedUsd,
  countLookups,
  heldAnswer,
  openReconcileBench,
  type ReconcileBench,
} from './reconcileBench.ts';
import { makeFolder } from './testDatabase.ts';

/** From the end of a run to each look-up, in milliseconds. */
const lookUpsAtMs = [1000, 5000, 30_000, 300_000];

let bench: ReconcileBench;
afterEach(async () => {
  await bench.server.close();
  expect(bench.clock.pendingTimers).toBe(0);
});

describe('a cancelled answer', () => {
  it('marks its usage as an estimate in the cancel, in its end and in the chat', async () => {
    bench = await openReconcileBench();
    const { path, cancelled, terminal } = await bench.cancelAnswer();
    expect(cancelled.usage).toMatchObject({ estimated: true });
    expect(terminal).toEqual({ type: 'done', data: { message: cancelled, usage: cancelled.usage } });
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
  });

  it("gets the provider's figures as soon as they are available, and nothing else changes", async () => {
    bench = await openReconcileBench({ notFoundCount: 2 });
    const { path, cancelled, endedAtMs } = await bench.cancelAnswer();
    expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: endedAtMs + 1000, look_up_count: 0 }]);
    await bench.passUntilLookedUp(1000, 1);
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
    await bench.passUntilLookedUp(4000, 2);
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
    await bench.passUntilLookedUp(25_000, 3);
    const settled = await answerOf(bench.server, path);
    expect(settled).toEqual({ ...cancelled, usage: settled?.usage });
    expect(settled?.usage).toMatchObject({
      completionTokens: 2,
      costUsd: await chargedUsd(bench.server.simulator),
      estimated: false,
    });
    expect(countRows(bench.server, 'messages', `usage_json ->> 'costUsd' = ${settled?.usage?.costUsd}`)).toBe(
      1,
    );
    expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: null, look_up_count: 3 }]);
  });

  it('publishes them to the feed once they can be read, and nothing before', async () => {
    bench = await openReconcileBench({ notFoundCount: 1 });
    const { path, cancelled } = await bench.cancelAnswer();
    const feed = readFeed(await bench.server.request('GET', '/api/events'));
    await feed.next();
    await bench.passUntilLookedUp(1000, 1);
    await bench.passUntilLookedUp(4000, 2);
    const published = await feed.next();
    const { chat, messages } = await detailOf(bench.server, path);
    const usage = messages.at(-1)?.usage;
    expect(usage).toMatchObject({ estimated: false });
    const ids = { projectId: chat.projectId, chatId: chat.id, messageId: cancelled.id };
    expect(published?.event).toEqual({ type: 'message-change', data: { ...ids, usage } });
    expect(chat.cost).toEqual({ costUsd: usage?.costUsd, estimated: false });
    expect((await feed.next())?.event).toEqual({ type: 'chat-change', data: { chat } });
    const rest = feed.rest();
    await bench.server.close();
    expect(await rest).toEqual([]);
  });

  it('returns them to a repeated cancel, and to a reader from the start', async () => {
    bench = await openReconcileBench();
    const { path, cancelled } = await bench.cancelAnswer();
    const start = formatCursor(startOfRun(cancelled.runId ?? ''));
    const early = await readStream(await attach(bench.server, path, start)).rest();
    expect(early.at(-1)?.event).toMatchObject({ type: 'done', data: { usage: { estimated: true } } });
    await bench.passUntilLookedUp(1000, 1);
    const settled = await answerOf(bench.server, path);
    expect(settled?.usage?.estimated).toBe(false);
    const repeated = await jsonOf<CancelResult>(bench.server.request('POST', `${path}/cancel`));
    expect(repeated).toMatchObject({ cancelled: true, message: settled });
    const frames = await readStream(await attach(bench.server, path, start)).rest();
    expect(frames.at(-1)?.event).toMatchObject({ type: 'done', data: { usage: settled?.usage } });
  });

  it('remains an estimate when the provider never has the figures, after four look-ups', async () => {
    bench = await openReconcileBench({ notFoundCount: 100 });
    const { path, cancelled, endedAtMs } = await bench.cancelAnswer();
    for (const [made, atMs] of lookUpsAtMs.entries()) {
      expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: endedAtMs + atMs, look_up_count: made }]);
      await bench.passUntilLookedUp(endedAtMs + atMs - bench.clock.nowMs(), made + 1);
    }
    expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: null, usage_json: null }]);
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
    bench.clock.advance(86_400_000);
    expect(await leftOpen(bench.server)).toEqual(nothing);
    expect(countLookups(bench.server.simulator)).toBe(4);
  });

  it('that was deleted meanwhile is not looked up again', async () => {
    bench = await openReconcileBench({ notFoundCount: 1 });
    const { path } = await bench.cancelAnswer();
    await bench.passUntilLookedUp(1000, 1);
    expect((await bench.server.request('DELETE', path)).status).toBe(204);
    await bench.server.request('POST', '/api/bin/empty', { count: 1 });
    await bench.cancelAnswer();
    await bench.passUntilLookedUp(1000, 1);
    // The next look-up of the first answer would be due before that of the second one.
    await bench.passUntilLookedUp(4000, 2);
    expect(countLookups(bench.server.simulator)).toBe(3);
  });
});

describe('an answer that failed in the middle', () => {
  it('gets its cost in the same way', async () => {
    bench = await openReconcileBench();
    bench.server.simulator.script('demo/quick', [{ delta: 'Half' }, { reset: true }]);
    const { path } = await bench.server.newChat();
    const failed = (await (await send(bench.server, path)).rest()).at(-1)?.event;
    expect(failed).toMatchObject({ type: 'error', data: { usage: { estimated: true } } });
    await bench.passUntilLookedUp(1000, 1);
    const settled = await answerOf(bench.server, path);
    expect(settled).toMatchObject({ status: 'failed', content: 'Half' });
    expect(settled?.usage).toMatchObject({
      completionTokens: 1,
      costUsd: await chargedUsd(bench.server.simulator),
      estimated: false,
    });
  });
});

describe('an answer with two provider calls', () => {
  /** The first call fails inside its 200, before any text, and names no usage. */
  const failing: Script = [{ error: { code: 502, message: 'Provider returned error' } }];

  async function retryAnswer(second: Script): Promise<string> {
    bench.server.simulator.nextScript('demo/quick', failing, second);
    const { path } = await bench.server.newChat();
    const stream = await send(bench.server, path);
    await stream.until((frame) => frame.event?.type === 'notice');
    bench.clock.advance(10_000);
    if (second === heldAnswer) {
      await stream.until(isChunk);
      await bench.server.request('POST', `${path}/cancel`);
    }
    await stream.rest();
    return path;
  }

  it('costs the sum of both when neither reported its cost', async () => {
    bench = await openReconcileBench();
    const path = await retryAnswer(heldAnswer);
    expect((await answerOf(bench.server, path))?.usage?.estimated).toBe(true);
    await bench.passUntilLookedUp(1000, 2);
    const usage = (await answerOf(bench.server, path))?.usage;
    expect(usage?.estimated).toBe(false);
    expect(usage?.costUsd).toBeCloseTo(await chargedUsd(bench.server.simulator), 12);
    expect(bench.calls().map(({ usage_json }) => usage_json !== null)).toEqual([true, true]);
  });

  it('is an estimate until the failed call is looked up, although the other call succeeded', async () => {
    bench = await openReconcileBench();
    const path = await retryAnswer([{ delta: 'Whole' }]);
    const before = await answerOf(bench.server, path);
    expect(before).toMatchObject({ status: 'completed', usage: { completionTokens: 1, estimated: true } });
    await bench.passUntilLookedUp(1000, 1);
    const settled = await answerOf(bench.server, path);
    expect(settled?.usage).toMatchObject({ completionTokens: 1, estimated: false });
    expect(settled?.usage?.costUsd).toBeCloseTo(await chargedUsd(bench.server.simulator), 12);
  });

  it('does not wait for a call that the provider refused', async () => {
    bench = await openReconcileBench();
    bench.server.simulator.nextScript(
      'demo/quick',
      {
        status: 503,
        headers: { 'x-generation-id': 'gen-refused' },
        body: { error: { code: 503, message: '' } },
      },
      [{ delta: 'Whole' }],
    );
    const { path } = await bench.server.newChat();
    const stream = await send(bench.server, path);
    await stream.until((frame) => frame.event?.type === 'notice');
    bench.clock.advance(10_000);
    await stream.rest();
    expect((await answerOf(bench.server, path))?.usage).toMatchObject({ estimated: false });
    expect(bench.calls().map((row) => row.next_look_up_at_ms)).toEqual([null, null]);
  });
});

describe('a complete answer', () => {
  it('is never looked up', async () => {
    bench = await openReconcileBench();
    const { path } = await bench.server.newChat();
    await (await send(bench.server, path)).rest();
    bench.clock.advance(300_000);
    expect(await leftOpen(bench.server)).toEqual(nothing);
    expect([bench.calls()[0]?.next_look_up_at_ms, countLookups(bench.server.simulator)]).toEqual([null, 0]);
  });
});

describe('a provider other than OpenRouter', () => {
  it('is never asked for its calls', async () => {
    bench = await openReconcileBench({
      simulator: { dialect: 'openai' },
      environment: { OPENROUTER_API_KEY: '' },
    });
    const { path, cancelled } = await bench.cancelAnswer();
    expect(cancelled.usage).toMatchObject({ estimated: true, costUsd: null });
    expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: null, usage_json: null }]);
    bench.clock.advance(300_000);
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
    expect(countLookups(bench.server.simulator)).toBe(0);
  });
});

describe('a restart', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let provider: Simulator;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(async () => {
    await provider.close();
    await folder.remove();
  });

  /** Starts Rill, every time on the same data and clock. */
  async function start(providerUrl = provider.url): Promise<void> {
    const clock = clocks.current;
    bench = await openReconcileBench({ clock, dataDirectory: folder.path, providerUrl });
  }
  async function open(generationNotFoundCount: number): Promise<void> {
    clocks.current = new FakeClock();
    provider = await startSimulator({ generationNotFoundCount });
    await start();
  }
  const clocks = { current: new FakeClock() };
  const usageOf = async (path: string) => (await answerOf(bench.server, path))?.usage;

  it('between two look-ups continues with the next one', async () => {
    await open(1);
    const { path } = await bench.cancelAnswer(provider);
    await bench.passUntilLookedUp(1000, 1);
    await bench.server.close();
    expect(bench.clock.pendingTimers).toBe(0);
    await start();
    expect((await usageOf(path))?.estimated).toBe(true);
    bench.clock.advance(3999);
    expect(countLookups(provider)).toBe(1);
    await bench.passUntilLookedUp(1, 2);
    expect(await usageOf(path)).toMatchObject({ estimated: false, costUsd: await chargedUsd(provider) });
  });

  it('long after a look-up was due makes it at once', async () => {
    await open(0);
    const { path } = await bench.cancelAnswer(provider);
    await bench.server.close();
    bench.clock.advance(3_600_000);
    await start();
    await bench.passUntilLookedUp(0, 1);
    expect((await usageOf(path))?.estimated).toBe(false);
  });

  it('with another provider asks that one, and keeps the estimate when the call is unknown there', async () => {
    await open(0);
    const { path } = await bench.cancelAnswer(provider);
    await bench.server.close();
    await start('http://elsewhere.invalid/v1');
    await bench.passUntilLookedUp(1000, 1);
    await bench.passUntilLookedUp(10_000, 2);
    await bench.passUntilLookedUp(60_000, 3);
    await bench.passUntilLookedUp(600_000, 4);
    expect(bench.calls()).toMatchObject([{ next_look_up_at_ms: null, usage_json: null }]);
    expect((await usageOf(path))?.estimated).toBe(true);
    expect(countLookups(provider)).toBe(0);
  });

  it('that interrupts an answer leaves the look-up of its cost to the next process', async () => {
    await open(0);
    provider.script('demo/quick', heldAnswer);
    const { path } = await bench.server.newChat();
    const stream = await send(bench.server, path);
    await stream.until(isChunk);
    await bench.server.close();
    expect((await stream.rest()).at(-1)?.event).toMatchObject({ data: { usage: { estimated: true } } });
    await start();
    await bench.passUntilLookedUp(1000, 1);
    expect(await answerOf(bench.server, path)).toMatchObject({
      status: 'interrupted',
      usage: { costUsd: await chargedUsd(provider), estimated: false },
    });
  });
});
