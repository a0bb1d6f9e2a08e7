/** Builds what a send stores for its run: the empty answer, the run's row and its first event. */
import {
  blankMessage,
  type GenerationOptions,
  type Message,
  type Project,
  type Run,
  type Timeouts,
} from '@rill/protocol';
import { buildContext } from '../../context/buildContext.ts';
import type { NewRunRow } from '../../database/schema.ts';
import { type LogRecord, toRecord } from '../../log/eventLog.ts';
import { toRun } from '../../store/runs.ts';
import { contextRequest } from './contextRequest.ts';
import type { Turn } from './resolveTurn.ts';
import type { PreparedSend, StartedRun } from './send.ts';
import { serializeRunOptions } from './storedRunOptions.ts';

/** The input of the model, and the longest answer. */
export type AnswerPlan = Pick<StartedRun, 'context' | 'report' | 'maxTokens'>;

export interface NewRun {
  readonly run: Run;
  readonly runRow: Omit<NewRunRow, 'lease_expires_at_ms'>;
  readonly answer: Message;
  readonly firstRecord: LogRecord;
  /** By the wall clock. */
  readonly nowMs: number;
  /** By the monotonic clock. */
  readonly sentAtMs: number;
}

/** What a run is asked with. */
interface Asked {
  readonly project: Project;
  readonly model: string;
  /** Joined from those of the server, the project, the chat and the message. */
  readonly options: GenerationOptions;
}

/** The other columns of the run's row. */
export interface RunChoices extends Asked {
  readonly timeouts: Timeouts;
  readonly webSearch: boolean;
}

/** Errors: context_too_large. */
export function planAnswer(
  { dependencies }: PreparedSend,
  { branch, projectFiles }: Turn,
  asked: Asked,
): AnswerPlan {
  const context = buildContext(contextRequest(dependencies, { ...asked, branch, projectFiles }));
  return { context: context.messages, report: context.report, maxTokens: context.answerTokens };
}

export function buildNewRun(send: PreparedSend, turn: Turn, plan: AnswerPlan, choices: RunChoices): NewRun {
  const { dependencies, runId } = send;
  const [nowMs, sentAtMs] = [dependencies.clock.nowMs(), dependencies.clock.elapsedMs()];
  const answer = emptyAnswer(send, turn, choices, nowMs);
  const runRow = newRunRow(send, plan, choices, { messageId: answer.id, nowMs, sentAtMs });
  const run = toRun(runRow);
  const firstRecord = toRecord({
    cursor: { runId, seq: 1, contentLength: 0, reasoningLength: 0 },
    event: { type: 'run-start', data: { run, userMessage: turn.userMessage, message: answer } },
  });
  return { run, runRow, answer, firstRecord, nowMs, sentAtMs };
}

const emptyAnswer = (
  { dependencies, request, runId }: PreparedSend,
  { parentId }: Turn,
  { model, webSearch }: RunChoices,
  nowMs: number,
): Message => ({
  ...blankMessage(),
  id: dependencies.newId(),
  chatId: request.chatId,
  parentId,
  runId,
  // The requested model, until the provider says which one answered.
  model,
  role: 'assistant',
  status: 'streaming',
  ...(webSearch && { web: 'offered' }),
  createdAtMs: nowMs,
});

function newRunRow(
  { dependencies, request, runId }: PreparedSend,
  plan: AnswerPlan,
  { project, model, options, timeouts, webSearch }: RunChoices,
  { messageId, nowMs, sentAtMs }: Pick<NewRun, 'nowMs' | 'sentAtMs'> & { readonly messageId: string },
) {
  return {
    id: runId,
    owner_id: request.ownerId,
    project_id: request.projectId,
    chat_id: request.chatId,
    message_id: messageId,
    state: 'accepted',
    model,
    settings_json: serializeRunOptions({
      options,
      timeouts,
      instructions: project.systemPrompt ?? '',
      maxTokens: plan.maxTokens,
      ...(webSearch && { webSearch }),
      timeoutMs: request.body.timeoutMs,
    }),
    context_json: JSON.stringify(plan.report),
    error_json: null,
    boot_id: dependencies.bootId,
    epoch: 1,
    cancel_requested_at_ms: null,
    restarted_at_ms: null,
    created_at_ms: nowMs,
    created_elapsed_ms: Math.round(sentAtMs),
    elapsed_origin: dependencies.clock.elapsedOrigin,
    recovery_attempts: null,
    thinking_length: null,
    ended_at_ms: null,
    last_seq: null,
    answered_model: null,
    first_text_ms: null,
    tokens_per_second: null,
  } satisfies NewRun['runRow'];
}
