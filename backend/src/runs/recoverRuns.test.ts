import type { Message } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../test/eventLogContract.ts';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../test/runBench.ts';
import { generationRow, type StoredRun, storeRun } from '../../test/testDatabase.ts';
import type { NewRunRow } from '../database/schema.ts';
import { LeaseLost, toRecord } from '../log/eventLog.ts';
import { getChat } from '../store/chats.ts';
import { getMessage } from '../store/messages.ts';
import { getLastSeq, getRun, saveGeneration } from '../store/runs.ts';
import { endRun } from './endRun.ts';
import { endRunLater, recoverRuns } from './recoverRuns.ts';
import { createRuns } from './runs.ts';

let bench: RunBench;
beforeEach(async () => {
  bench = await openRunBench({ llm: answering(['An', ' answer']) });
});
afterEach(() => bench.close());

/** A run that a dead process left open after it had logged run-start and these steps. */
async function leaveOpen(steps: Step[], fields: Partial<NewRunRow> = {}): Promise<StoredRun> {
  const stored = await storeRun(bench.test, fields);
  const records = buildLog(steps, null, stored.runId).map(toRecord);
  await bench.dependencies.log.append({ runId: stored.runId, epoch: fields.epoch ?? 1 }, records);
  return stored;
}

const reader = () => bench.test.database.reader;
const messageOf = ({ key, answer }: StoredRun): Promise<Message> =>
  getMessage(reader(), key.chatId, answer.id);
const eventTypesOf = async ({ runId }: StoredRun) =>
  (await framesOf(bench.dependencies.log, runId)).map((frame) => frame.event.type);

describe('a run whose process died', () => {
  it('ends as interrupted and keeps everything that was logged', async () => {
    const stored = await leaveOpen([
      { kind: 'reasoning', text: 'why' },
      { kind: 'chunk', text: 'Hello ' },
      { kind: 'annotation', annotations: [{ url: 'https://a.example', title: 'A' }] },
      { kind: 'image', images: [{ url: 'https://a.example/i.png' }] },
      { kind: 'chunk', text: '😀' },
      { kind: 'tool-call', toolCalls: [{ id: 'call-1', name: 'look', arguments: '{}' }] },
    ]);
    await recoverRuns(bench.dependencies);
    expect(await messageOf(stored)).toMatchObject({
      status: 'interrupted',
      content: 'Hello 😀',
      reasoning: 'why',
      annotations: [{ url: 'https://a.example', title: 'A' }],
      images: [{ url: 'https://a.example/i.png' }],
      toolCalls: [{ id: 'call-1', name: 'look', arguments: '{}' }],
      error: { code: 'interrupted', isRetryable: true },
    });
    expect(await getRun(reader(), stored.key.ownerId, stored.runId)).toMatchObject({
      state: 'interrupted',
      error: { code: 'interrupted' },
      endedAtMs: bench.clock.nowMs(),
    });
  });

  it('gets exactly one terminal event, after the last one that was logged', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    await recoverRuns(bench.dependencies);
    await recoverRuns(bench.dependencies);
    expect(await eventTypesOf(stored)).toEqual(['run-start', 'chunk', 'error']);
    expect(await getLastSeq(reader(), stored.runId)).toBe(3);
  });

  it('ends although nothing was shown of it, when its time is over', async () => {
    const stored = await leaveOpen([]);
    await recoverRuns(bench.dependencies);
    expect(await messageOf(stored)).toMatchObject({ status: 'interrupted', content: '' });
    expect(await eventTypesOf(stored)).toEqual(['run-start', 'error']);
  });

  it('keeps a text of thousands of events', async () => {
    const steps = Array.from({ length: 2500 }, (_, index): Step => ({ kind: 'chunk', text: `${index} ` }));
    const stored = await leaveOpen(steps);
    await recoverRuns(bench.dependencies);
    expect((await messageOf(stored)).content.split(' ')).toHaveLength(2501);
    expect(await getLastSeq(reader(), stored.runId)).toBe(2502);
  });

  it('closes the provider call that was under way, keeps its id, and estimates what it used', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello there' }]);
    const lease = { runId: stored.runId, epoch: 1 };
    const open = generationRow({ run_id: stored.runId });
    await bench.test.database.transaction((transaction) => saveGeneration(transaction, lease, open));
    await recoverRuns(bench.dependencies);
    const row = await reader().selectFrom('generations').selectAll().executeTakeFirst();
    expect(row).toMatchObject({
      generation_id: 'gen-1',
      outcome: 'failed',
      ended_at_ms: bench.clock.nowMs(),
    });
    const { usage } = await messageOf(stored);
    expect(usage).toMatchObject({ estimated: true });
    expect(usage?.completionTokens).toBeGreaterThan(0);
  });

  it('has what it used looked up, a second after its end, where the provider can tell', async () => {
    const wokenAtMs: number[] = [];
    const llm = { ...answering([]), canLookUp: (id: string) => id.startsWith('gen-') };
    const dependencies = {
      ...bench.dependencies,
      llm,
      reconciliation: { wakeAt: (atMs: number) => wokenAtMs.push(atMs) },
    };
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello there' }]);
    const lease = { runId: stored.runId, epoch: 1 };
    const ids = ['gen-1', 'chatcmpl-2', null];
    for (const [index, generation_id] of ids.entries()) {
      const row = generationRow({ run_id: stored.runId, attempt: index + 1, generation_id });
      await bench.test.database.transaction((transaction) => saveGeneration(transaction, lease, row));
    }
    await recoverRuns(dependencies);
    const rows = await reader().selectFrom('generations').selectAll().orderBy('attempt').execute();
    const atMs = bench.clock.nowMs() + 1000;
    expect(rows.map((row) => row.next_look_up_at_ms)).toEqual([atMs, null, null]);
    expect(wokenAtMs).toEqual([atMs]);
  });

  it('does not keep another from ending, nor the start, when its log has a gap', async () => {
    const broken = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    const gap = buildLog(
      [
        { kind: 'chunk', text: 'Hello' },
        { kind: 'chunk', text: ' lost' },
        { kind: 'chunk', text: ' end' },
      ],
      null,
      broken.runId,
    ).map(toRecord);
    await bench.dependencies.log.append({ runId: broken.runId, epoch: 1 }, gap.slice(-1));
    const healthy = await leaveOpen([{ kind: 'chunk', text: 'Whole' }]);
    await recoverRuns(bench.dependencies);
    expect(await messageOf(healthy)).toMatchObject({ status: 'interrupted', content: 'Whole' });
    expect(bench.logged).toContain('error: the end of a run could not be saved; trying again');
    expect(bench.clock.pendingTimers).toBe(1);
  });

  it('ends as cancelled when a person had asked for the end', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }], { cancel_requested_at_ms: 5 });
    await recoverRuns(bench.dependencies);
    expect(await messageOf(stored)).toMatchObject({ status: 'cancelled', content: 'Hello', error: null });
    expect(await eventTypesOf(stored)).toEqual(['run-start', 'chunk', 'done']);
  });

  it('is closed to its former owner, who may still be running', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    const former = { runId: stored.runId, epoch: 1 };
    await recoverRuns(bench.dependencies);
    const late = buildLog([], null, stored.runId).map(toRecord);
    await expect(bench.dependencies.log.append(former, late)).rejects.toBeInstanceOf(LeaseLost);
    const ending = {
      lease: former,
      ownerId: stored.key.ownerId,
      message: { ...stored.answer, status: 'completed' as const },
      generations: [],
      reasoningDetails: [],
      lastSeq: 2,
    };
    await expect(endRun(bench.dependencies, ending)).rejects.toBeInstanceOf(LeaseLost);
    expect((await messageOf(stored)).status).toBe('interrupted');
    const row = await reader().selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ epoch: 2, boot_id: 'this-boot' });
  });

  it('leaves a chat that takes the next message', async () => {
    const { key } = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    await recoverRuns(bench.dependencies);
    expect((await getChat(reader(), key)).activeRunId).toBeNull();
    const runs = createRuns(bench.dependencies);
    const message = await runs.whenEnded(await runs.send(sendTo(key)));
    expect(message).toMatchObject({ status: 'completed', content: 'An answer' });
  });
});

describe('recovery', () => {
  it('ends every run that was left open and touches no other', async () => {
    const left = [await leaveOpen([]), await leaveOpen([{ kind: 'chunk', text: 'a' }])];
    const performed = await leaveOpen([]);
    bench.dependencies.activeRequests.register(performed.runId);
    const ended = await storeRun(bench.test, { ended_at_ms: 7, last_seq: 2, state: 'completed' });
    expect(await recoverRuns(bench.dependencies)).toEqual([]);
    for (const stored of left) expect((await messageOf(stored)).status).toBe('interrupted');
    for (const stored of [performed, ended]) expect((await messageOf(stored)).status).toBe('streaming');
    bench.dependencies.activeRequests.finish(performed.runId);
  });
});

describe('a run whose end could not be saved', () => {
  it('is ended later: after 1 s, then with doubled waits of at most 30 s, until it works', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    const { clock, logged } = bench;
    const state = { failures: 7, attempts: 0 };
    const database = {
      ...bench.test.database,
      transaction: ((...call) => {
        state.attempts += 1;
        if (state.attempts <= state.failures) return Promise.reject(new Error('disk full'));
        return bench.test.database.transaction(...call);
      }) as typeof bench.test.database.transaction,
    };
    endRunLater({ ...bench.dependencies, database }, stored.runId);
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      clock.advance(waitMs - 1);
      expect(clock.pendingTimers).toBe(1);
      clock.advance(1);
      await turnUntil(() => clock.pendingTimers === 1);
    }
    expect([state.attempts, logged.length]).toEqual([7, 7]);
    clock.advance(30_000);
    await bench.test.database.transaction(async () => undefined);
    await turnUntil(() => state.attempts === 9);
    await bench.test.database.transaction(async () => undefined);
    expect((await messageOf(stored)).status).toBe('interrupted');
    expect(clock.pendingTimers).toBe(0);
  });
});
