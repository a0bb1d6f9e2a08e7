/**
 * Executes one run: writes the provider's parts to the log, then finishes the run exactly once. A run belongs to the
 * server, not to the request that started it. Its timer, provider socket and entry are cleaned up on every path.
 */
import { type Message, type Model, RillError } from '@rill/protocol';
import type { GenerationRow } from '../../database/schema.ts';
import { LlmFailure } from '../../llm/failure/llmFailure.ts';
import type { LlmPart, LlmRequest } from '../../llm/llmService.ts';
import { LeaseLost } from '../../log/eventLog.ts';
import { listGenerations } from '../../store/runs.ts';
import { RunCancelled, RunInterrupted, toRunError } from '../finish/abortReasons.ts';
import { type AskedModel, speedOf } from '../finish/answerSpeed.ts';
import { finishDuringOutage } from '../finish/finishDuringOutage.ts';
import { oneGiantAtATime } from '../giantAnswers.ts';
import { createSpendGuard } from '../money/spendGuard.ts';
import { webCostLimitUsd } from '../money/webCostLimit.ts';
import { scheduleFinalizeRetry } from '../recover/recoverRuns.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { StartedRun } from '../start/send.ts';
import { usageOfRun } from '../usage/runUsage.ts';
import { AnswerDraft } from './answerDraft.ts';
import { saveParsedFiles, storePictures } from './answerFiles.ts';
import { createDeferredWrites, type DeferredWrites } from './deferredWrites.ts';
import { dropRepeatedText } from './dropRepeatedText.ts';
import { loadFiles } from './loadFiles.ts';
import { RunWriter } from './runWriter.ts';

/** Executes a started run to its end. Never rejects. */
export async function executeRun(dependencies: RunDependencies, started: StartedRun): Promise<void> {
  const { activeRequests, budgets, liveRuns, clock, logger } = dependencies;
  const { runId } = started.lease;
  const cancelTimer = clock.schedule(started.timeouts.runMs, () => {
    activeRequests.abort(runId, new RillError('run_deadline'));
  });
  try {
    await answerAndFinish(dependencies, started);
  } catch (error) {
    // Closes the readers without a terminal event: they reconnect and get the end that was stored elsewhere.
    started.live.close();
    if (error instanceof LeaseLost) {
      logger.warn({ runId }, 'the run was ended elsewhere');
      if (started.allowedUsd !== null) await budgets.release(runId);
    } else {
      logger.error({ runId, err: error }, 'the end of a run could not be saved; trying again');
      scheduleFinalizeRetry(dependencies, runId, finalizeFailure(dependencies, error));
    }
  } finally {
    cancelTimer();
    liveRuns.delete(runId);
    dependencies.answerMemory.release(runId);
    activeRequests.finish(runId);
  }
}

/** The error that clients get when the end could not be saved. */
function finalizeFailure({ database }: RunDependencies, error: unknown): RillError {
  const isUnsaved =
    database.failureOf(error) !== null || (error instanceof RillError && error.code === 'log_write_failed');
  return isUnsaved
    ? new RillError('interrupted', { message: 'The server could not save this answer to its end.' })
    : new RillError('internal', { cause: error });
}

async function answerAndFinish(dependencies: RunDependencies, started: StartedRun): Promise<void> {
  const { clock, newId, activeRequests } = dependencies;
  const { lease, live } = started;
  const draft = new AnswerDraft({
    runId: lease.runId,
    sentAtMs: started.sentAtMs,
    previousAttemptCount: started.previousAttemptCount,
    newId,
    clock,
  });
  const deferred = createDeferredWrites(dependencies, lease);
  const writer = new RunWriter({
    log: dependencies.log,
    live,
    lease,
    clock,
    unsaved: dependencies.unsavedText,
    drainDeferred: deferred.drain,
    onFailure: (error) => void activeRequests.abort(lease.runId, error),
  });
  const outcome = await answer(dependencies, started, { draft, writer, deferred });
  // Everything that was received is logged before the terminal event; a failed log throws here.
  await writer.finish();
  await oneGiantAtATime(dependencies, live.weight, () => finish(dependencies, started, draft, outcome));
}

async function finish(
  dependencies: RunDependencies,
  started: StartedRun,
  draft: AnswerDraft,
  outcome: Outcome,
): Promise<void> {
  const { lease, live } = started;
  const { content, reasoning, cursor } = live;
  const { annotations, images } = live.media();
  const model = dependencies.models.find(started.run.model);
  const calls = await listAllGenerations(dependencies, started, draft);
  const usage = usageOfRun(calls, { context: started.report, model, ...live.texts });
  const texts = { content, reasoning, annotations, images };
  const message = draft.finish(started.answer, { ...outcome, ...texts, usage });
  const { record, dataParts } = await finishDuringOutage(dependencies, {
    lease,
    ownerId: started.ownerId,
    message,
    generations: draft.generations,
    thought: draft.thoughtFor(started.run.model),
    last: cursor,
    speed: speedOf(message, askedModel(started), dependencies.models.find),
  });
  live.publish(record, dataParts);
  considerTitle(dependencies, started, message);
  const { status, error } = outcome;
  dependencies.logger.info({ runId: lease.runId, status, code: error?.code }, 'run ended');
}

const askedModel = ({ run, options }: StartedRun): AskedModel => ({
  model: run.model,
  fallbackModels: options?.fallbackModels,
});

function considerTitle({ titles }: RunDependencies, started: StartedRun, answer: Message): void {
  const { run, ownerId, context, report } = started;
  const [question, ...more] = context.filter(({ role }) => role !== 'system');
  const isFirst =
    question?.role === 'user' &&
    more.length === 0 &&
    report.omittedMessageCount === 0 &&
    !report.keptOutMessageCount;
  if (!isFirst || answer.status !== 'completed') return;
  titles.consider({
    ownerId,
    projectId: run.projectId,
    chatId: run.chatId,
    question: question.content,
    answer,
    routing: started.options?.provider,
  });
}

/** The provider calls of the run, including those of an earlier process that died. */
async function listAllGenerations(
  { database }: RunDependencies,
  { lease, previousAttemptCount }: StartedRun,
  { generations }: AnswerDraft,
): Promise<readonly GenerationRow[]> {
  if (previousAttemptCount === 0) return generations;
  const stored = await listGenerations(database.reader, lease.runId);
  return [...stored.filter(({ attempt }) => attempt <= previousAttemptCount), ...generations];
}

/** Where the parts of an answer go. */
interface PartTargets {
  readonly draft: AnswerDraft;
  readonly writer: RunWriter;
  readonly deferred: DeferredWrites;
}

type Outcome = Pick<Parameters<AnswerDraft['finish']>[1], 'status' | 'error'>;

async function answer(
  dependencies: RunDependencies,
  started: StartedRun,
  { draft, writer, deferred }: PartTargets,
): Promise<Outcome> {
  const guard = createSpendGuard({
    budgets: dependencies.budgets,
    run: { ownerId: started.ownerId, projectId: started.run.projectId, runId: started.lease.runId },
    model: dependencies.models.find(started.run.model),
    promptTokens: started.report.estimatedTokens,
    allowedUsd: started.allowedUsd,
  });
  try {
    const messages = await loadFiles(dependencies, started.context, started.options?.pdfEngine);
    const parts = dependencies.llm.streamLLMResponse(toLlmRequest(dependencies, started, messages), {
      signal: started.signal,
      onSent: () => draft.recordSent(),
      onKept: (weight) => dependencies.answerMemory.hold(started.lease.runId, weight),
    });
    for await (const part of dropRepeatedText(parts, started.continuedText)) {
      if (!draft.hasFirstDelta && (part.type === 'content' || part.type === 'reasoning')) {
        deferred.markStreaming();
      }
      draft.record(part);
      // Saved as soon as there is an id: after a crash the provider can still be asked what the call cost.
      if (part.type === 'head') deferred.saveGeneration(draft.openGeneration);
      if (part.type === 'moved') deferred.saveThinkingLength(draft.thinkingLength);
      if (part.type === 'images' || part.type === 'parsed')
        await keepFiles(dependencies, started, writer, part);
      else writePart(writer, part);
      const pause = writer.backpressure();
      if (pause) await pause;
      const checked = part.type === 'content' || part.type === 'reasoning' ? guard.add(part.text) : undefined;
      if (checked) await checked;
    }
    return { status: 'completed', error: null };
  } catch (error) {
    return toOutcome(dependencies, started, draft, error);
  } finally {
    await deferred.settled();
  }
}

/** The bytes are stored before an event refers to them. */
async function keepFiles(
  dependencies: RunDependencies,
  { ownerId, context, options }: StartedRun,
  writer: RunWriter,
  part: Extract<LlmPart, { type: 'images' | 'parsed' }>,
): Promise<void> {
  if (part.type === 'parsed') return saveParsedFiles(dependencies, context, part.files, options?.pdfEngine);
  const images = await storePictures(dependencies, ownerId, part.images);
  writer.addEvent({ type: 'image', data: { images } });
}

function writePart(writer: RunWriter, part: LlmPart): void {
  if (part.type === 'content') writer.addText('chunk', part.text);
  if (part.type === 'reasoning') writer.addText('reasoning', part.text);
  if (part.type === 'annotations') {
    writer.addEvent({ type: 'annotation', data: { annotations: [...part.annotations] } });
  }
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
  // With a lost lease, or a log that cannot be written, there is no end to store here.
  if (error instanceof LeaseLost) throw error;
  if (error instanceof RillError && error.code === 'log_write_failed') throw error;
  const failure = error instanceof RillError ? error : new RillError('internal', { cause: error });
  const fields = { runId: started.lease.runId, code: failure.code };
  if (failure.code === 'internal') dependencies.logger.error({ ...fields, err: error }, 'run failed');
  else dependencies.logger.warn({ ...fields, err: error }, 'run failed');
  return { status: 'failed', error: toRunError(failure) };
}

function toLlmRequest(
  { settings, models }: RunDependencies,
  started: StartedRun,
  messages: LlmRequest['messages'],
): LlmRequest {
  const { connectMs, firstDeltaMs, idleMs } = started.timeouts;
  const { allowedUsd, report, run } = started;
  const webUsd = webCostLimitUsd(settings.maxWebCostUsd, report, models.find(run.model));
  return {
    model: started.run.model,
    messages,
    ...modalitiesOf(models.find(run.model)),
    maxTokens: started.maxTokens,
    sessionId: started.run.chatId,
    userId: started.ownerId,
    // The planned limit, which the model's own limit bounds, replaces the requested one.
    options: { ...started.options, maxTokens: started.maxTokens },
    ...(started.webSearch && {
      // No more than what is left of a budget.
      web: { maxCostUsd: Math.min(webUsd, allowedUsd ?? webUsd) },
    }),
    features: models.featuresOf([run.model, ...(started.options?.fallbackModels ?? [])]),
    timeouts: { connectMs, firstDeltaMs, idleMs },
  };
}

/** A model that draws does so only when it is asked for pictures too. */
function modalitiesOf(model: Model | null): Pick<LlmRequest, 'modalities'> {
  if (!model?.outputModalities?.includes('image')) return {};
  return { modalities: model.outputModalities.includes('text') ? ['image', 'text'] : ['image'] };
}
