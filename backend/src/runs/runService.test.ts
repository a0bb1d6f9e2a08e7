import { setImmediate } from 'node:timers/promises';
import { RillError } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../test/runBench.ts';
import { storeChat } from '../../test/testDatabase.ts';
import type { EventLog } from '../log/eventLog.ts';
import { getMessage } from '../store/messages.ts';
import type { RunDependencies } from './runDependencies.ts';
import { createRunService } from './runService.ts';

let bench: RunBench;
afterEach(async () => {
  const { activeRequests, liveRuns } = bench.dependencies;
  expect([activeRequests.size, liveRuns.size]).toEqual([0, 0]);
  await bench.close();
});

async function open(overrides: Partial<RunDependencies> = {}) {
  bench = await openRunBench(overrides);
  return { key: await storeChat(bench.test), runs: createRunService(bench.dependencies) };
}

const messageCount = async () =>
  (await bench.test.database.reader.selectFrom('messages').select('id').execute()).length;

describe('drain', () => {
  it('ends at once when no run is active, and later sends are refused', async () => {
    const { key, runs } = await open();
    await runs.drain(60_000);
    expect(runs.isDraining).toBe(true);
    await expect(runs.send(sendTo(key))).rejects.toMatchObject({ code: 'shutting_down' });
    expect(await messageCount()).toBe(0);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('lets a running answer continue for the drain time, then ends it as interrupted with its text', async () => {
    const { key, runs } = await open({ llm: answering(['Half'], 'hold') });
    const { messageId, source, runId } = await runs.send(sendTo(key));
    await turnUntil(() => bench.dependencies.liveRuns.get(runId)?.content === 'Half');
    const drained = runs.drain(5000);
    bench.clock.advance(4999);
    expect(bench.dependencies.activeRequests.size).toBe(1);
    bench.clock.advance(1);
    await drained;
    const message = await getMessage(bench.test.database.reader, key.chatId, messageId);
    expect(message).toMatchObject({ status: 'interrupted', content: 'Half', error: { code: 'interrupted' } });
    expect(source.isClosed).toBe(false);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('waits for an earlier send that is not stored yet', async () => {
    const { promise, resolve } = Promise.withResolvers<null>();
    const { key, runs } = await open({
      llm: answering([], 'hold'),
      models: {
        list: async () => {
          await promise;
          return [];
        },
        lookFor: async () => undefined,
        find: () => null,
        featuresOf: () => undefined,
        defaultModel: () => 'demo/quick',
        forget: () => undefined,
      },
    });
    const sent = runs.send(sendTo(key));
    await turnUntil(() => bench.dependencies.activeRequests.size === 1);
    const drained = runs.drain(0);
    bench.clock.advance(0);
    resolve(null);
    await expect(sent).rejects.toMatchObject({ code: 'shutting_down' });
    await drained;
    expect(await messageCount()).toBe(0);
  });
});

describe('interrupting everything', () => {
  it('refuses later sends, so that no run starts while the server closes', async () => {
    const { key, runs } = await open();
    await runs.interruptAll();
    await expect(runs.send(sendTo(key))).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('a run whose log cannot be written', () => {
  it('fails a caller that waits for the answer, and ends as interrupted once it can be stored', async () => {
    const { key } = await open({ llm: answering(['Hello'], 'hold') });
    const log: EventLog = {
      ...bench.dependencies.log,
      append: () => Promise.reject(new RillError('log_write_failed')),
    };
    const runs = createRunService({ ...bench.dependencies, log });
    const reader = await runs.send(sendTo(key));
    await expect(runs.whenEnded(reader)).rejects.toMatchObject({ code: 'log_write_failed' });
    expect(reader.source.isClosed).toBe(true);
    expect(reader.source.next(reader.cursor)?.isTerminal).toBe(false);
    await expect(runs.attach(key, null)).rejects.toMatchObject({ code: 'log_write_failed' });
    bench.clock.advance(1000);
    const state = async () =>
      (await getMessage(bench.test.database.reader, key.chatId, reader.messageId)).status;
    while ((await state()) === 'streaming') await setImmediate();
    expect(await state()).toBe('interrupted');
    expect(bench.clock.pendingTimers).toBe(0);
  });
});
