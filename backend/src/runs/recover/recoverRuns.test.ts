import type { Message } from '@rill/protocol';
import { startOfRun } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../test/eventLogContract.ts';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { generationRow, type StoredRun, storeRun } from '../../../test/testDatabase.ts';
import type { NewRunRow } from '../../database/schema.ts';
import { LeaseLost, toRecord } from '../../log/eventLog.ts';
import { getChat } from '../../store/chats/chats.ts';
import { getMessage } from '../../store/messages.ts';
import { claimRun } from '../../store/runLeases.ts';
import { findRunRow, getLogEnd, getRun, saveGeneration } from '../../store/runs.ts';
import { finishRun } from '../finish/finishRun.ts';
import { createRunService } from '../runService.ts';
import { recoverRuns, scheduleFinalizeRetry } from './recoverRuns.ts';

let bench: RunBench;
beforeEach(async () => {
  bench = await openRunBench({ llm: answering(['An', ' answer']) });
});
afterEach(() => bench.close());

/** Stores a run that a dead process left open after it had logged run-start and these steps. */
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

  it('gets exactly one terminal event, after the last logged event', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    await recoverRuns(bench.dependencies);
    await recoverRuns(bench.dependencies);
    expect(await eventTypesOf(stored)).toEqual(['run-start', 'chunk', 'error']);
    expect((await getLogEnd(reader(), stored.runId)).lastSeq).toBe(3);
  });

  it('ends after its deadline although nothing of it was shown', async () => {
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
    expect((await getLogEnd(reader(), stored.runId)).lastSeq).toBe(2502);
  });

  it('closes its open provider call, keeps the id of the call, and estimates its usage', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello there' }]);
    const open = generationRow({ run_id: stored.runId });
    await bench.test.database.transaction((transaction) => saveGeneration(transaction, open));
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

  it('has its usage looked up a second after its end, when the provider supports it', async () => {
    const wokenAtMs: number[] = [];
    const llm = { ...answering([]), canLookUp: (id: string) => id.startsWith('gen-') };
    const dependencies = {
      ...bench.dependencies,
      llm,
      reconciliation: { nowMs: () => bench.clock.nowMs(), wakeAt: (atMs: number) => wokenAtMs.push(atMs) },
    };
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello there' }]);
    const ids = ['gen-1', 'chatcmpl-2', null];
    for (const [index, generation_id] of ids.entries()) {
      const row = generationRow({ run_id: stored.runId, attempt: index + 1, generation_id });
      await bench.test.database.transaction((transaction) => saveGeneration(transaction, row));
    }
    await recoverRuns(dependencies);
    const rows = await reader().selectFrom('generations').selectAll().orderBy('attempt').execute();
    const atMs = bench.clock.nowMs() + 1000;
    expect(rows.map((row) => row.next_look_up_at_ms)).toEqual([atMs, null, null]);
    expect(wokenAtMs).toEqual([atMs]);
  });

  it('with a gap in its log does not block the start or the end of another run', async () => {
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

  it('ends as cancelled when its user had cancelled it', async () => {
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
      last: { ...startOfRun(stored.runId), seq: 2 },
    };
    await expect(finishRun(bench.dependencies, ending)).rejects.toBeInstanceOf(LeaseLost);
    expect((await messageOf(stored)).status).toBe('interrupted');
    const row = await reader().selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ epoch: 2, boot_id: 'this-boot' });
  });

  it('leaves a chat that accepts the next message', async () => {
    const { key } = await leaveOpen([{ kind: 'chunk', text: 'Hello' }]);
    await recoverRuns(bench.dependencies);
    expect((await getChat(reader(), key)).activeRunId).toBeNull();
    const runs = createRunService(bench.dependencies);
    const { messageId, ...rest } = await runs.send(sendTo(key));
    await runs.whenEnded({ messageId, ...rest });
    expect(await getMessage(reader(), key.chatId, messageId)).toMatchObject({
      status: 'completed',
      content: 'An answer',
    });
  });
});

describe('recovery', () => {
  it('ends every run that was left open and changes no other', async () => {
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

describe('recovery on a database that other processes share', () => {
  const shared = () => ({
    ...bench.dependencies,
    database: { ...bench.test.database, isExclusive: false },
  });

  it('ends runs whose lease has expired, and not those that another process may execute', async () => {
    const nowMs = bench.clock.elapsedMs();
    const expired = await leaveOpen([{ kind: 'chunk', text: 'Hello' }], { lease_expires_at_ms: nowMs - 1 });
    const performed = await leaveOpen([{ kind: 'chunk', text: 'Hello' }], { lease_expires_at_ms: nowMs });
    expect(await recoverRuns(shared())).toEqual([]);
    expect((await messageOf(expired)).status).toBe('interrupted');
    expect((await messageOf(performed)).status).toBe('streaming');
    const row = await findRunRow(reader(), performed.runId);
    expect(row).toMatchObject({ epoch: 1, boot_id: 'an-earlier-boot', recovery_attempts: null });
  });

  it('does not retry the end of a run that another process has claimed meanwhile', async () => {
    const stored = await leaveOpen([{ kind: 'chunk', text: 'Hello' }], { boot_id: 'this-boot' });
    const tried: number[] = [];
    const database = {
      ...shared().database,
      transaction: ((...call) => {
        tried.push(call.length);
        return bench.test.database.transaction(...call);
      }) as typeof bench.test.database.transaction,
    };
    scheduleFinalizeRetry({ ...bench.dependencies, database }, stored.runId);
    const other = { bootId: 'another', isExclusive: true };
    const lease = { runId: stored.runId, epoch: 1 };
    await bench.test.database.transaction((transaction) => claimRun(transaction, lease, other));
    bench.clock.advance(1000);
    await turnUntil(() => tried.length === 1);
    await bench.test.database.transaction(async () => undefined);
    expect(await findRunRow(reader(), stored.runId)).toMatchObject({ epoch: 2, boot_id: 'another' });
  });
});

describe('a run whose end could not be stored', () => {
  it('is ended again after 1 s, then with doubled waits of at most 30 s, until it succeeds', async () => {
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
    scheduleFinalizeRetry({ ...bench.dependencies, database }, stored.runId);
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
