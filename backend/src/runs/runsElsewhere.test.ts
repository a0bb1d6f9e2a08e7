import { setImmediate } from 'node:timers/promises';
import { formatCursor, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../test/passTime.ts';
import { answering, sendTo, turnUntil } from '../../test/runBench.ts';
import { storeChat } from '../../test/testDatabase.ts';
import { openTwoProcesses, type TwoProcesses } from '../../test/twoProcesses.ts';
import type { ChatKey } from '../store/chats/chats.ts';
import { listRunStates } from '../store/runs.ts';
import type { RunReader } from './attachRun.ts';

let two: TwoProcesses;
let key: ChatKey;
beforeEach(async () => {
  two = await openTwoProcesses(answering(['Hello ', 'world, ', 'hello'], 'hold'));
  key = await storeChat(two.bench.test);
});
afterEach(async () => {
  await two.close();
  expect(two.bench.clock.pendingTimers).toBe(0);
});

/** The ids of all frames up to now, from the reader's cursor. */
function idsOf({ source, cursor }: RunReader): string[] {
  const ids: string[] = [];
  let position = cursor;
  for (let frame = source.next(position); frame; frame = source.next(position)) {
    position = frame.cursor;
    ids.push(frame.id);
  }
  return ids;
}

/** A run of the process `here` that has shown all of its text and does not end by itself. */
async function startHere(): Promise<RunReader> {
  const reader = await two.here.runs.send(sendTo(key));
  const live = two.here.dependencies.liveRuns.get(reader.runId);
  await turnUntil(() => (live?.cursor.seq ?? 0) > 1);
  await passTime(two.bench.clock, 100);
  return reader;
}

/** Resolves with what the work gives, while time passes. */
async function whileTimePasses<Result>(work: Promise<Result>, limitMs = 5000): Promise<Result> {
  const state = { isDone: false };
  void work.finally(() => {
    state.isDone = true;
  });
  for (let passedMs = 0; passedMs < limitMs && !state.isDone; passedMs += 10) {
    await passTime(two.bench.clock, 10);
    // The database answers from another thread or a later turn.
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  }
  if (!state.isDone) throw new Error('It took too long.');
  return work;
}

describe('a run that another process executes', () => {
  it('is attached to from its start, with the same frames as at its own process', async () => {
    const own = await startHere();
    const reader = await two.there.runs.attach(key, null);
    expect(reader).toMatchObject({ runId: own.runId, messageId: own.messageId, cursor: own.cursor });
    const live = two.here.dependencies.liveRuns.get(own.runId)!;
    expect(idsOf(reader!).at(-1)).toBe(formatCursor(live.cursor));
  });

  it('is resumed from each of its cursors', async () => {
    const own = await startHere();
    for (const id of idsOf(own)) {
      const reader = await two.there.runs.attach(key, id);
      const rest = idsOf({ ...own, cursor: reader!.cursor });
      expect(idsOf(reader!)).toEqual(rest);
    }
  });

  it('is found by the key of its send, and not started again', async () => {
    const own = await two.here.runs.send(sendTo(key, 'Hello', 'the-key'));
    const again = await two.there.runs.send(sendTo(key, 'Hello', 'the-key'));
    expect([again.runId, two.there.dependencies.activeRequests.size]).toEqual([own.runId, 0]);
  });

  it('is one when both processes get its send at once', async () => {
    const readers = await Promise.all(
      [two.here, two.there].map(({ runs }) => runs.send(sendTo(key, 'Hello', 'the-key'))),
    );
    expect(readers[0]?.runId).toBe(readers[1]?.runId);
    const sizes = [two.here, two.there].map(({ dependencies }) => dependencies.activeRequests.size);
    expect(sizes.sort()).toEqual([0, 1]);
  });

  it('counts against the limit of its owner', async () => {
    const { settings } = two.here.dependencies;
    for (let count = 0; count < settings.maxRunsPerOwner; count += 1) {
      await two.here.runs.send(sendTo(await storeChat(two.bench.test)));
    }
    await expect(two.there.runs.send(sendTo(key))).rejects.toMatchObject({ code: 'too_many_runs' });
  });

  it.each([
    ['with a hint', false],
    ['when hints are lost', true],
  ])('is cancelled by any process %s', async (_, areLost) => {
    two.bus.areLost = areLost;
    const { runId } = await startHere();
    const cancelled = await whileTimePasses(two.there.runs.cancel(key, runId), 2000);
    expect(cancelled).toMatchObject({ runId, cancelled: true });
    expect(cancelled.messageId).not.toBeNull();
    expect(two.here.dependencies.activeRequests.size).toBe(0);
  });

  it('whose end takes longer than two seconds is reported as still ending', async () => {
    const { runId } = await startHere();
    // Its process has stopped: it neither hears nor looks.
    two.bus.areLost = true;
    two.here.dependencies.activeRequests.abort = () => false;
    const cancelled = await whileTimePasses(two.there.runs.cancel(key, runId), 3000);
    expect(cancelled).toEqual({ runId, cancelled: false, messageId: null });
    Reflect.deleteProperty(two.here.dependencies.activeRequests, 'abort');
  });

  it('is not cancelled by a hint without a mark', async () => {
    const { runId } = await startHere();
    const bootId = two.here.dependencies.bootId;
    two.bus.hintsOf('any-boot').publish(bootId, { type: 'cancelled', runId });
    await passTime(two.bench.clock, 1000);
    expect(two.here.dependencies.activeRequests.get(runId)?.signal.aborted).toBe(false);
  });

  it('is still found by its mark after an outage of the database, which is logged once', async () => {
    const { runId } = await startHere();
    two.bus.areLost = true;
    const { database } = two.here.dependencies;
    const { reader } = database;
    const fail = () => {
      throw new Error('The database is away.');
    };
    Object.defineProperty(database, 'reader', { get: fail, configurable: true });
    await passTime(two.bench.clock, 2000);
    Object.defineProperty(database, 'reader', { value: reader, configurable: true });
    const sentence = 'warn: cancelled runs could not be looked up; trying again';
    expect(two.bench.logged.filter((line) => line === sentence)).toHaveLength(1);
    const cancelled = await whileTimePasses(two.there.runs.cancel(key, runId), 2000);
    expect(cancelled).toMatchObject({ cancelled: true });
  });

  it('is waited for by a send that is answered once', async () => {
    await startHere();
    const reader = await two.there.runs.attach(key, null);
    const ended = two.there.runs.whenEnded(reader!);
    await whileTimePasses(two.here.runs.cancel(key, undefined));
    await whileTimePasses(ended, 1000);
  });

  it('makes way for a send that interrupts it', async () => {
    const { runId } = await startHere();
    const request = {
      ...sendTo(key, 'Another'),
      body: { content: 'Another', ifActive: 'interrupt' as const },
    };
    const next = await whileTimePasses(two.there.runs.send(request));
    expect(next.runId).not.toBe(runId);
    expect(two.here.dependencies.activeRequests.size).toBe(0);
  });

  it('is cancelled and waited for when its project is deleted', async () => {
    const { runId } = await startHere();
    await whileTimePasses(two.there.runs.deleteProject(key.ownerId, key.projectId), 2000);
    const { reader } = two.there.dependencies.database;
    expect(await listRunStates(reader, [runId])).toEqual([]);
    expect(two.here.dependencies.activeRequests.size).toBe(0);
  });

  it('tells processes that follow it at once that there is more', async () => {
    const { runId } = await startHere();
    const reader = await two.there.runs.attach(key, null);
    const leave = reader!.source.onChange(() => undefined);
    two.bus.sent.length = 0;
    await whileTimePasses(two.here.runs.cancel(key, runId));
    const appended = two.bus.sent.filter(({ hint }) => hint.type === 'appended');
    expect(appended).toContainEqual({ bootId: 'the-boot-there', hint: { type: 'appended', runId } });
    leave();
  });

  it('sends its end to readers everywhere', async () => {
    const { runId } = await startHere();
    const reader = await two.there.runs.attach(key, formatCursor(startOfRun(runId)));
    await whileTimePasses(two.here.runs.cancel(key, runId));
    await passTime(two.bench.clock, 100);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    const end = idsOf(reader!).at(-1);
    expect(await two.here.runs.attach(key, end!)).toBeNull();
  });
});
