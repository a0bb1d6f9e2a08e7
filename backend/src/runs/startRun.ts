/**
 * A send to a run: one transaction that stores the user message, the empty answer, the run, its first event and its
 * send key, or nothing at all.
 */
import { createHash } from 'node:crypto';
import {
  type Chat,
  type ContextReport,
  type Message,
  type Project,
  RillError,
  type Run,
  type SendMessage,
} from '@rill/protocol';
import { buildContext, type ContextMessage } from '../context/buildContext.ts';
import type { AfterCommit, Queryable, WriteTransaction } from '../database/sqliteDatabase.ts';
import { type LogRecord, toRecord } from '../log/eventLog.ts';
import type { LiveRun } from '../log/liveRuns.ts';
import { getChat, titleFromContent, updateChat } from '../store/chats.ts';
import { insertMessage } from '../store/messages.ts';
import { getProject } from '../store/projects.ts';
import {
  countOpenRuns,
  findActiveRun,
  findSendKey,
  insertRun,
  insertSendKey,
  type RunLease,
  toRun,
} from '../store/runs.ts';
import { announce } from './announceRun.ts';
import { answerSoFar, findTurn, type Turn } from './findTurn.ts';
import { newAnswer } from './newMessages.ts';
import { leaseExpiryMs, type RunDependencies } from './runDependencies.ts';
import { encodeRunSettings } from './runSettings.ts';
import { type RunTimeouts, resolveTimeouts } from './timeouts.ts';

export interface SendRequest {
  readonly ownerId: string;
  readonly projectId: string;
  readonly chatId: string;
  readonly body: SendMessage;
  /** From `Idempotency-Key` or `clientMessageId`; null when the client sent none. */
  readonly sendKey: string | null;
}

/** A run that was just stored, with what it takes to perform it. */
export interface StartedRun {
  readonly kind: 'started';
  readonly lease: RunLease;
  readonly ownerId: string;
  readonly run: Run;
  readonly answer: Message;
  readonly live: LiveRun;
  readonly context: readonly ContextMessage[];
  readonly report: ContextReport;
  readonly maxTokens: number;
  readonly timeouts: RunTimeouts;
  readonly options: SendMessage['options'];
  /** The answer so far that this run goes on with; '' for an answer of its own. */
  readonly continues: string;
  /** Provider calls that an earlier process made for the run; 0 for one that was just stored. */
  readonly earlierAttempts: number;
}

/** The same send was made before: its run is to be attached to. */
export interface KnownRun {
  readonly kind: 'known';
  readonly runId: string;
}

/**
 * Stores a send. Resolves when it survives power loss.
 * Errors, with nothing stored: not_found, bad_request, model_not_found, context_too_large, run_active,
 * too_many_runs, idempotency_mismatch, shutting_down.
 */
export async function startRun(
  dependencies: RunDependencies,
  request: SendRequest,
): Promise<StartedRun | KnownRun> {
  const runId = dependencies.newId();
  // Registered before anything is waited for: a drain waits for it, and no cancel comes before it.
  const { signal } = dependencies.activeRequests.register(runId);
  const live = dependencies.liveRuns.open(runId);
  try {
    const model = await chooseModel(dependencies, request);
    if (signal.aborted) throw new RillError('shutting_down', { retryAfterMs: 1000, cause: signal.reason });
    const stored = await dependencies.database.transaction((transaction, afterCommit) =>
      storeSend({ dependencies, request, runId, model, live }, transaction, afterCommit),
    );
    if ('first' in stored) live.publish(stored.first);
    else forget(dependencies, runId);
    return 'first' in stored ? stored.started : stored;
  } catch (error) {
    forget(dependencies, runId);
    throw error;
  }
}

function forget(dependencies: RunDependencies, runId: string): void {
  dependencies.liveRuns.delete(runId);
  dependencies.activeRequests.finish(runId);
}

/** The named model, else the chat's, the project's, the server's. Errors: not_found, model_not_found. */
async function chooseModel(
  { database, models, settings }: RunDependencies,
  request: SendRequest,
): Promise<string> {
  const chat = await getChat(database.reader, request);
  const project = await getProject(database.reader, request.ownerId, request.projectId);
  const model = request.body.model ?? chat.model ?? project.defaultModel ?? settings.defaultModel;
  if (model === null) {
    await models.list();
    return models.defaultModel();
  }
  if ((await models.isKnown(model)) === false) throw new RillError('model_not_found', { details: { model } });
  return model;
}

interface Send {
  readonly dependencies: RunDependencies;
  readonly request: SendRequest;
  readonly runId: string;
  readonly model: string;
  readonly live: LiveRun;
}

async function storeSend(
  send: Send,
  transaction: WriteTransaction,
  afterCommit: AfterCommit,
): Promise<KnownRun | { readonly started: StartedRun; readonly first: LogRecord }> {
  const { dependencies, request } = send;
  const known = await findKnownRun(transaction, request);
  if (known) return known;
  const chat = await getChat(transaction, request);
  const project = await getProject(transaction, request.ownerId, request.projectId);
  await checkLimits(send, transaction);
  const turn = await findTurn(dependencies, request, transaction, chat);
  const plan = planAnswer(send, turn, project);
  const rows = makeRows(send, turn, plan);
  if (turn.userMessage) await insertMessage(transaction, request.ownerId, turn.userMessage);
  await insertMessage(transaction, request.ownerId, rows.answer);
  await insertRun(transaction, rows.runRow);
  await dependencies.log.appendWithin(transaction, [rows.first]);
  const change = chatChange(chat, turn, rows.answer, request.body);
  const changedChat = await updateChat(transaction, request, change, rows.nowMs);
  if (request.sendKey !== null) {
    const sendKey = { ownerId: request.ownerId, chatId: request.chatId, key: request.sendKey };
    await insertSendKey(transaction, sendKey, {
      runId: send.runId,
      bodyHash: hashBody(request.body),
      nowMs: rows.nowMs,
    });
  }
  announce(dependencies, afterCommit, { ownerId: request.ownerId, run: rows.run, chat: changedChat });
  return { first: rows.first, started: toStarted(send, turn, plan, rows, project) };
}

function toStarted(
  { dependencies, request, runId, live }: Send,
  turn: Turn,
  plan: ReturnType<typeof planAnswer>,
  { run, runRow, answer }: ReturnType<typeof makeRows>,
  project: Project,
): StartedRun {
  return {
    kind: 'started',
    lease: { runId, epoch: runRow.epoch },
    ownerId: request.ownerId,
    run,
    answer,
    live,
    context: plan.context.messages,
    report: plan.context.report,
    maxTokens: plan.maxTokens,
    timeouts: resolveTimeouts(dependencies.settings, project.timeouts, request.body.timeoutMs),
    options: request.body.options,
    continues: answerSoFar(turn.branch),
    earlierAttempts: 0,
  };
}

/** The run that the same send made before, if any. Errors: idempotency_mismatch when its body was another. */
export async function findKnownRun(db: Queryable, request: SendRequest): Promise<KnownRun | null> {
  if (request.sendKey === null) return null;
  const sendKey = { ownerId: request.ownerId, chatId: request.chatId, key: request.sendKey };
  const known = await findSendKey(db, sendKey);
  if (!known) return null;
  if (known.bodyHash !== hashBody(request.body)) throw new RillError('idempotency_mismatch');
  return { kind: 'known', runId: known.runId };
}

async function checkLimits({ dependencies, request }: Send, transaction: WriteTransaction): Promise<void> {
  const active = await findActiveRun(transaction, request.chatId);
  if (active) throw new RillError('run_active', { details: { runId: active.id } });
  const { maxRunsPerOwner, maxRuns } = dependencies.settings;
  const openRuns = await countOpenRuns(transaction, request.ownerId);
  // The run that is being started is registered already.
  if (openRuns >= maxRunsPerOwner || dependencies.activeRequests.size > maxRuns) {
    throw new RillError('too_many_runs', {
      retryAfterMs: 1000,
      details: { limit: Math.min(maxRunsPerOwner, maxRuns) },
    });
  }
}

function planAnswer({ dependencies, request, model }: Send, turn: Turn, project: Project) {
  const known = dependencies.models.find(model);
  const wantedTokens = request.body.options?.maxTokens ?? dependencies.settings.maxTokens;
  const maxTokens = Math.min(wantedTokens, known?.maxCompletionTokens ?? wantedTokens);
  const context = buildContext({
    systemPrompt: project.systemPrompt,
    branch: turn.branch,
    contextLengthTokens: known?.contextLengthTokens ?? null,
    maxTokens,
  });
  return { context, maxTokens };
}

function makeRows(
  { dependencies, request, runId, model }: Send,
  turn: Turn,
  plan: ReturnType<typeof planAnswer>,
) {
  const nowMs = dependencies.clock.nowMs();
  const answer = newAnswer({
    id: dependencies.newId(),
    chatId: request.chatId,
    parentId: turn.parentId,
    runId,
    model,
    nowMs,
  });
  const runRow = {
    id: runId,
    owner_id: request.ownerId,
    project_id: request.projectId,
    chat_id: request.chatId,
    message_id: answer.id,
    state: 'accepted' as const,
    model,
    settings_json: encodeRunSettings({
      options: request.body.options,
      maxTokens: plan.maxTokens,
      timeoutMs: request.body.timeoutMs,
    }),
    context_json: JSON.stringify(plan.context.report),
    error_json: null,
    boot_id: dependencies.bootId,
    epoch: 1,
    lease_expires_at_ms: leaseExpiryMs(dependencies.clock),
    cancel_requested_at_ms: null,
    restarted_at_ms: null,
    created_at_ms: nowMs,
    ended_at_ms: null,
    last_seq: null,
  };
  const run = toRun(runRow);
  const first = toRecord({
    cursor: { runId, seq: 1, contentLength: 0, reasoningLength: 0 },
    event: { type: 'run-start', data: { run, userMessage: turn.userMessage, message: answer } },
  });
  return { answer, runRow, run, first, nowMs };
}

function chatChange(chat: Chat, turn: Turn, answer: Message, body: SendMessage) {
  const title =
    chat.title === '' && turn.userMessage ? titleFromContent(turn.userMessage.content) : undefined;
  return {
    activeLeafId: answer.id,
    ...(title !== undefined && { title }),
    ...(body.model !== undefined && { model: body.model }),
  };
}

function hashBody(body: SendMessage): string {
  const { clientMessageId: _, ...rest } = body;
  const sorted = JSON.stringify(rest, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('base64url');
}
