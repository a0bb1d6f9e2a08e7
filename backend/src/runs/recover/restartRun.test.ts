import type { Message } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../test/eventLogContract.ts';
import { answering, openRunBench, type RunBench } from '../../../test/runBench.ts';
import { generationRow, type StoredRun, storeRun } from '../../../test/testDatabase.ts';
import type { NewRunRow } from '../../database/schema.ts';
import type { LlmRequest, LlmService } from '../../llm/llmService.ts';
import { toRecord } from '../../log/eventLog.ts';
import { getMessage } from '../../store/messages.ts';
import { saveGeneration } from '../../store/runs.ts';
import { executeRun } from '../execute/executeRun.ts';
import { serializeRunOptions } from '../start/storedRunOptions.ts';
import { recoverRuns } from './recoverRuns.ts';

let bench: RunBench;
let asked: LlmRequest[];
beforeEach(async () => {
  asked = [];
  const llm = answering(['An', ' answer']);
  const recording: LlmService = {
    ...llm,
    streamLLMResponse(request, options) {
      asked.push(request);
      return llm.streamLLMResponse(request, options);
    },
  };
  bench = await openRunBench({ llm: recording });
});
afterEach(() => bench.close());

/** Stores a run that a dead process left open 4 s after its send, with run-start and these steps in its log. */
async function leaveOpen(steps: Step[], fields: Partial<NewRunRow> = {}): Promise<StoredRun> {
  const stored = await storeRun(bench.test, {
    settings_json: serializeRunOptions({
      options: { temperature: 0.2 },
      timeouts: undefined,
      instructions: undefined,
      maxTokens: 64,
      timeoutMs: undefined,
    }),
    context_json: JSON.stringify({
      messageCount: 1,
      omittedMessageCount: 0,
      estimatedTokens: 9,
      contextLengthTokens: null,
    }),
    created_at_ms: bench.clock.nowMs(),
    ...fields,
  });
  const records = buildLog(steps, null, stored.runId).map(toRecord);
  await bench.dependencies.log.append({ runId: stored.runId, epoch: 1 }, records);
  bench.clock.advance(4000);
  return stored;
}

const reader = () => bench.test.database.reader;
const messageOf = ({ key, answer }: StoredRun): Promise<Message> =>
  getMessage(reader(), key.chatId, answer.id);
const logOf = async ({ runId }: StoredRun) =>
  (await framesOf(bench.dependencies.log, runId)).map((frame) => frame.event.type);

/** Recovers and executes the restarted runs; returns their number. */
async function recover(): Promise<number> {
  const restarted = await recoverRuns(bench.dependencies);
  await Promise.all(restarted.map((started) => executeRun(bench.dependencies, started)));
  return restarted.length;
}

describe('a run whose process died before it showed anything', () => {
  it('is executed again under its id with the stored request, and ends once', async () => {
    const stored = await leaveOpen([]);
    expect(await recover()).toBe(1);
    expect(await messageOf(stored)).toMatchObject({ status: 'completed', content: 'An answer' });
    expect(await logOf(stored)).toEqual(['run-start', 'chunk', 'chunk', 'done']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      model: 'demo/quick',
      messages: [{ role: 'user', content: stored.userMessage.content }],
      options: { temperature: 0.2, maxTokens: 64 },
    });
    expect(bench.dependencies.activeRequests.size + bench.dependencies.liveRuns.size).toBe(0);
  });

  it('has the remaining time, measured from the send', async () => {
    await leaveOpen([]);
    const [started] = await recoverRuns(bench.dependencies);
    expect(started?.timeouts.runMs).toBe(6000);
    if (started) await executeRun(bench.dependencies, started);
  });

  it('keeps the number of each provider call, and closes the open one', async () => {
    const stored = await leaveOpen([]);
    const open = generationRow({ run_id: stored.runId, attempt: 2 });
    await bench.test.database.transaction((transaction) => saveGeneration(transaction, open));
    await recover();
    const rows = await reader().selectFrom('generations').selectAll().orderBy('attempt').execute();
    expect(rows.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [2, 'failed'],
      [3, 'completed'],
    ]);
  });

  it('includes the usage of its first call: an estimate until that call was looked up', async () => {
    const stored = await leaveOpen([]);
    const row = generationRow({ run_id: stored.runId });
    await bench.test.database.transaction((transaction) => saveGeneration(transaction, row));
    bench = {
      ...bench,
      dependencies: { ...bench.dependencies, llm: { ...answering(['Text']), canLookUp: () => true } },
    };
    await recover();
    expect(await messageOf(stored)).toMatchObject({
      status: 'completed',
      usage: { promptTokens: 9, estimated: true },
    });
    const first = await reader()
      .selectFrom('generations')
      .selectAll()
      .where('id', '=', row.id)
      .executeTakeFirst();
    expect(first?.next_look_up_at_ms).toBe(bench.clock.nowMs() + 1000);
  });

  it('is executed again although a notice was shown', async () => {
    const error = { code: 'provider_unavailable' as const, message: 'Busy.', isRetryable: true };
    const notice: Step = { kind: 'notice', notice: { code: 'retrying', error, attempt: 2, delayMs: 5 } };
    const stored = await leaveOpen([notice]);
    expect(await recover()).toBe(1);
    expect(await logOf(stored)).toEqual(['run-start', 'notice', 'chunk', 'chunk', 'done']);
  });

  it('ends as interrupted the second time', async () => {
    const stored = await leaveOpen([], { restarted_at_ms: 5 });
    expect(await recover()).toBe(0);
    expect(await messageOf(stored)).toMatchObject({ status: 'interrupted', content: '' });
    expect(asked).toEqual([]);
  });

  it('ends as interrupted after its deadline', async () => {
    const stored = await leaveOpen([], { created_at_ms: bench.clock.nowMs() - 6000 });
    expect(await recover()).toBe(0);
    expect(await messageOf(stored)).toMatchObject({ status: 'interrupted' });
  });

  it('ends as cancelled when its user had cancelled it', async () => {
    const stored = await leaveOpen([], { cancel_requested_at_ms: 5 });
    expect(await recover()).toBe(0);
    expect(await messageOf(stored)).toMatchObject({ status: 'cancelled', content: '' });
  });
});

describe('a run whose process died after it had shown something', () => {
  it.each<Step>([
    { kind: 'chunk', text: 'H' },
    { kind: 'reasoning', text: 'h' },
    { kind: 'image', images: [{ url: 'https://a.example/i.png' }] },
  ])('is never sent to the provider again: $kind', async (step) => {
    const stored = await leaveOpen([step]);
    expect(await recover()).toBe(0);
    expect(await messageOf(stored)).toMatchObject({ status: 'interrupted' });
    expect(asked).toEqual([]);
  });
});
