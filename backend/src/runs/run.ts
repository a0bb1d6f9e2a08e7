/**
 * Performs one run: the provider's parts to the log, then exactly one end. It belongs to the server, not to the
 * request that started it, and cleans up its timer, its provider socket and its entry on every path.
 */
import { setImmediate } from 'node:timers/promises';
import { RillError } from '@rill/protocol';
import type { GenerationRow } from '../database/schema.ts';
import type { WriteTransaction } from '../database/sqliteDatabase.ts';
import { type AttemptReport, LlmFailure } from '../llm/llmFailure.ts';
import type { LlmPart } from '../llm/llmService.ts';
import { LeaseLost } from '../log/eventLog.ts';
import { listGenerations, saveGeneration, setRunState } from '../store/runs.ts';
import { RunCancelled, RunInterrupted } from './abortReasons.ts';
import { AnswerDraft } from './answerDraft.ts';
import { endRun } from './endRun.ts';
import { joinSeam } from './joinSeam.ts';
import { endRunLater } from './recoverRuns.ts';
import type { RunDependencies } from './runDependencies.ts';
import { toRunError } from './runError.ts';
import { usageOfRun } from './runUsage.ts';
import { createRunWriter, type RunWriter } from './runWriter.ts';
import type { StartedRun } from './startRun.ts';

/** Performs a started run to its end. Never rejects. */
export async function performRun(dependencies: RunDependencies, started: StartedRun): Promise<void> {
  const { activeRequests, liveRuns, clock, logger } = dependencies;
  const { runId } = started.lease;
  const cancelTimer = clock.schedule(started.timeouts.runMs, () => {
    activeRequests.abort(runId, new RillError('run_deadline'));
  });
  try {
    await answerAndEnd(dependencies, started);
  } catch (error) {
    // Without a terminal event the readers are let go; they come back and find how it ended elsewhere.
    started.live.close();
    if (error instanceof LeaseLost) logger.warn({ runId }, 'the run was ended elsewhere');
    else {
      logger.error({ runId, err: error }, 'the end of a run could not be saved; trying again');
      endRunLater(dependencies, runId);
    }
  } finally {
    cancelTimer();
    liveRuns.delete(runId);
    activeRequests.finish(runId);
  }
}

async function answerAndEnd(dependencies: RunDependencies, started: StartedRun): Promise<void> {
  const { clock, newId, activeRequests } = dependencies;
  const { lease, live } = started;
  const draft = new AnswerDraft({
    runId: lease.runId,
    startedAtMs: started.run.createdAtMs,
    earlierAttempts: started.earlierAttempts,
    newId,
    nowMs: () => clock.nowMs(),
  });
  const writer = createRunWriter({
    log: dependencies.log,
    live,
    lease,
    clock,
    onFailure: (error) => void activeRequests.abort(lease.runId, error),
  });
  const outcome = await answer(dependencies, started, draft, writer);
  // Everything that was received is in the log before the end is; a failed log throws here.
  await writer.finish();
  const { content, reasoning, cursor } = live;
  const model = dependencies.models.find(started.run.model);
  const calls = await everyGeneration(dependencies, started, draft);
  const usage = usageOfRun(calls, { context: started.report, model, content, reasoning });
  const message = draft.finish(started.answer, { ...outcome, usage, content, reasoning });
  const record = await endRun(dependencies, {
    lease,
    ownerId: started.ownerId,
    message,
    generations: draft.generations,
    reasoningDetails: draft.result?.reasoningDetails ?? [],
    lastSeq: cursor.seq,
  });
  live.publish(record);
  const { status, error } = outcome;
  dependencies.logger.info({ runId: lease.runId, status, code: error?.code }, 'run ended');
}

/** The provider calls of the run, those included that a process made which died. */
async function everyGeneration(
  { database }: RunDependencies,
  { lease, earlierAttempts }: StartedRun,
  { generations }: AnswerDraft,
): Promise<readonly GenerationRow[]> {
  if (earlierAttempts === 0) return generations;
  const stored = await listGenerations(database.reader, lease.runId);
  return [...stored.filter(({ attempt }) => attempt <= earlierAttempts), ...generations];
}

type Outcome = Pick<Parameters<AnswerDraft['finish']>[1], 'status' | 'error'>;

async function answer(
  dependencies: RunDependencies,
  started: StartedRun,
  draft: AnswerDraft,
  writer: RunWriter,
): Promise<Outcome> {
  const signal = dependencies.activeRequests.get(started.lease.runId)?.signal ?? AbortSignal.abort();
  const background = createBackground(dependencies, started);
  try {
    background.setState('connecting');
    const parts = dependencies.llm.streamLLMResponse(toLlmRequest(dependencies, started), { signal });
    for await (const part of joinSeam(parts, started.continues)) {
      if (!draft.hasFirstDelta && (part.type === 'content' || part.type === 'reasoning')) {
        background.setState('streaming');
      }
      draft.take(part);
      // Saved as soon as there is an id: after a crash the provider can still be asked what the call cost.
      if (part.type === 'head') background.saveGeneration(draft.openGeneration);
      writePart(writer, part);
      const pause = writer.backpressure();
      if (pause) await pause;
    }
    return { status: 'completed', error: null };
  } catch (error) {
    return toOutcome(dependencies, started, draft, error);
  } finally {
    await background.settled();
  }
}

function writePart(writer: RunWriter, part: LlmPart): void {
  if (part.type === 'content') writer.addText('chunk', part.text);
  if (part.type === 'reasoning') writer.addText('reasoning', part.text);
  if (part.type === 'annotations') {
    writer.addEvent({ type: 'annotation', data: { annotations: [...part.annotations] } });
  }
  if (part.type === 'images') writer.addEvent({ type: 'image', data: { images: [...part.images] } });
  if (part.type === 'retrying') {
    const { attempt, delayMs } = part;
    writer.addEvent({
      type: 'notice',
      data: { code: 'retrying', error: toRunError(part.error), attempt, delayMs },
    });
  }
  if (part.type === 'end' && part.result.toolCalls.length > 0) {
    writer.addEvent({ type: 'tool-call', data: { toolCalls: [...part.result.toolCalls] } });
  }
}

function toOutcome(
  dependencies: RunDependencies,
  started: StartedRun,
  draft: AnswerDraft,
  error: unknown,
): Outcome {
  const report = error instanceof LlmFailure ? error.report : undefined;
  draft.closeGeneration(error instanceof RunCancelled ? 'cancelled' : 'failed', report);
  if (error instanceof RunCancelled) return { status: 'cancelled', error: null };
  if (error instanceof RunInterrupted) {
    return { status: 'interrupted', error: toRunError(new RillError('interrupted')) };
  }
  // A lost lease or a log that cannot be written is not an end of the run's own.
  if (error instanceof LeaseLost) throw error;
  if (error instanceof RillError && error.code === 'log_write_failed') throw error;
  const failure = error instanceof RillError ? error : new RillError('internal', { cause: error });
  const fields = { runId: started.lease.runId, code: failure.code };
  if (failure.code === 'internal') dependencies.logger.error({ ...fields, err: error }, 'run failed');
  else dependencies.logger.warn({ ...fields, provider: loggable(report) }, 'run failed');
  return { status: 'failed', error: toRunError(failure) };
}

/** What the log may hold of a provider's error: its words can repeat the question, so they are not among it. */
function loggable(report: AttemptReport | undefined) {
  if (!report?.providerError) return undefined;
  const { phase, code, errorType, isRetryable } = report.providerError;
  return { phase, code, errorType, isRetryable, generationId: report.generationId };
}

function toLlmRequest(dependencies: RunDependencies, started: StartedRun) {
  const { connectMs, firstDeltaMs, idleMs } = started.timeouts;
  return {
    model: started.run.model,
    fallbackModels: dependencies.settings.fallbackModels,
    messages: started.context,
    maxTokens: started.maxTokens,
    sessionId: started.run.chatId,
    userId: started.ownerId,
    // The limit that was planned, which the model's own bounds, stands for the one that was asked for.
    options: { ...started.options, maxTokens: started.maxTokens },
    timeouts: { connectMs, firstDeltaMs, idleMs },
  };
}

/**
 * Writes what is known of the run beside the answer. The text never waits for it: what gathers while the event loop turns
 * twice, in which the provider is asked and the text that came is committed, is one transaction.
 */
function createBackground({ database, logger }: RunDependencies, { lease }: StartedRun) {
  type Work = (transaction: WriteTransaction) => Promise<void>;
  const works: Work[] = [];
  const state: { written: Promise<void>; isPlanned: boolean } = {
    written: Promise.resolve(),
    isPlanned: false,
  };
  const writeAll = async (): Promise<void> => {
    await setImmediate();
    await setImmediate();
    state.isPlanned = false;
    const gathered = works.splice(0);
    try {
      await database.transaction(async (transaction) => {
        for (const work of gathered) await work(transaction);
      }, 'process-death');
    } catch (error) {
      logger.warn({ runId: lease.runId, err: error }, 'state not saved');
    }
  };
  const write = (work: Work): void => {
    works.push(work);
    if (state.isPlanned) return;
    state.isPlanned = true;
    state.written = state.written.then(writeAll);
  };
  return {
    setState: (to: 'connecting' | 'streaming') => write((transaction) => setRunState(transaction, lease, to)),
    saveGeneration(generation: GenerationRow | null): void {
      if (generation) write((transaction) => saveGeneration(transaction, lease, generation));
    },
    settled: (): Promise<void> => state.written,
  };
}
