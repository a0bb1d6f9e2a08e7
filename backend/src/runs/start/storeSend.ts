/**
 * Stores a send in one transaction: the chat if the message creates it, the user message, the empty answer, the run, its
 * first event and its send key, or nothing at all.
 */
import { type Chat, madeIdPattern, type Project, RillError, titleFromContent } from '@rill/protocol';
import type {
  AfterCommit,
  Database,
  LaterOutcome,
  Queryable,
  WriteTransaction,
} from '../../database/database.ts';
import { together } from '../../database/together.ts';
import type { LogRecord } from '../../log/eventLog.ts';
import { type ChatChange, findOwnChat, getChat, insertChat, updateChat } from '../../store/chats/chats.ts';
import { listProjectFiles } from '../../store/files/projectFiles.ts';
import { insertMessage } from '../../store/messages.ts';
import type { Spender } from '../../store/money/budgets.ts';
import { getProject } from '../../store/projects.ts';
import { countOpenRuns, findRunRow, insertRun } from '../../store/runs.ts';
import { afterDuplicate } from '../../store/storeAccess.ts';
import { isNextQueued, readQueue, removeNextQueued } from '../../store/unsent/chatQueues.ts';
import { publishRunChange } from '../finish/publishRunChange.ts';
import { highestCost } from '../money/highestCost.ts';
import { readingFee } from '../money/readingFee.ts';
import { webCostLimitUsd } from '../money/webCostLimit.ts';
import { publishRevision } from '../queue/publishQueueChange.ts';
import { chooseModel } from './contextRequest.ts';
import { type AnswerPlan, buildNewRun, type NewRun, planAnswer, type RunChoices } from './newRun.ts';
import { resolveTimeouts } from './resolveTimeouts.ts';
import { continuedText, resolveTurn, type Turn } from './resolveTurn.ts';
import type { KnownRun, PreparedSend, SendRequest, StartedRun } from './send.ts';
import { findKnownRun, storeSendKey } from './sendKeys.ts';
import { resolveOptions } from './storedRunOptions.ts';

export interface StoredSend {
  readonly kind: 'stored';
  readonly started: StartedRun;
  /** To be published by the caller. */
  readonly firstRecord: LogRecord;
}

/**
 * Another process can store the same send, or start a run in the chat, after this one has looked. A unique index then
 * refuses the write; the second try finds what the other process stored. `later` is told when it cannot be found out
 * in time whether the send is stored.
 */
export async function storeSend(
  send: PreparedSend,
  later: LaterOutcome<StoredSend | KnownRun>,
): Promise<StoredSend | KnownRun> {
  const { database } = send.dependencies;
  return afterDuplicate(database, () =>
    database.transaction(
      (transaction, afterCommit) => storeWithin(send, transaction, afterCommit),
      'power-loss',
      async (reader) => (await findRunRow(reader, send.runId)) !== null,
      later,
    ),
  );
}

async function storeWithin(
  send: PreparedSend,
  transaction: WriteTransaction,
  afterCommit: AfterCommit,
): Promise<StoredSend | KnownRun> {
  const { dependencies, request, runId } = send;
  const { ownerId } = request;
  const { knownChat, project, known, openRuns, projectFiles, spenders, queue } = await readUnderLocks(
    send,
    transaction,
  );
  if (known) return known;
  // The message does not wait any more, or was changed meanwhile.
  if (queue && request.queued && !isNextQueued(queue, request.queued)) throw new RillError('not_found');
  const chat = knownChat ?? (await insertFirstChat(send, transaction));
  await checkLimits(send, transaction, chat, openRuns);
  const turn = { ...(await resolveTurn(dependencies, request, transaction, chat)), projectFiles };
  const choices = resolveChoices(send, project, chat);
  const plan = planAnswer(send, turn, choices);
  const newRun = buildNewRun(send, turn, plan, choices);
  const { run, firstRecord, nowMs } = newRun;
  const change = chatChange(chat, turn, newRun, request);
  // The chat is returned with its active run, which is stored before it.
  const [allowedUsd, , changedChat, , revision] = await together([
    reserveMoney(send, plan, { ...choices, spenders }, transaction),
    insertNewRun(send, turn, newRun, transaction),
    updateChat(transaction, request, change, nowMs),
    storeSendKey(transaction, request, { runId, nowMs }),
    queue ? removeNextQueued(transaction, queue) : Promise.resolve(null),
  ]);
  publishRunChange(dependencies, afterCommit, { ownerId, run, chat: changedChat });
  if (revision !== null) publishRevision(dependencies, afterCommit, request, revision);
  const started = toStartedRun(send, newRun, { turn, plan, choices, allowedUsd });
  return { kind: 'stored', started, firstRecord };
}

/** Locks what the send depends on, and reads it. Errors: shutting_down, and those of `findChat`. */
async function readUnderLocks({ dependencies, request }: PreparedSend, transaction: WriteTransaction) {
  const { ownerId, chatId, projectId } = request;
  const { locks } = dependencies.database;
  // The reads are called after the locks, so they see what these waited for.
  const [, mayWrite, , knownChat, project, known, openRuns, projectFiles, spenders, queue] = await together([
    locks.chat(transaction, chatId),
    locks.node(transaction, dependencies.bootId),
    isLow(dependencies.settings.maxRunsPerOwner) ? locks.owner(transaction, ownerId) : Promise.resolve(),
    findChat(transaction, request),
    getProject(transaction, ownerId, projectId),
    findKnownRun(transaction, request),
    countOpenRuns(transaction, ownerId),
    listProjectFiles(transaction, projectId),
    dependencies.budgets.listLimited(transaction, request),
    request.queued ? readQueue(transaction, chatId) : Promise.resolve(null),
  ]);
  // Another node has taken this one for dead, and looks for what it had stored only once.
  if (!mayWrite) throw new RillError('shutting_down', { retryAfterMs: 1000 });
  return { knownChat, project, known, openRuns, projectFiles, spenders, queue };
}

/** What the request does not choose is chosen by its chat, the project or the server. */
function resolveChoices(
  { dependencies, request: { body } }: PreparedSend,
  project: Project,
  chat: Chat,
): RunChoices {
  return {
    project,
    model: chooseModel(dependencies, body.model, chat, project),
    options: resolveOptions(dependencies.settings, project, chat, body.options),
    timeouts: { ...project.timeouts, ...chat.timeouts },
    webSearch: body.webSearch ?? chat.webSearch ?? false,
  };
}

interface Decided {
  readonly turn: Turn;
  readonly plan: AnswerPlan;
  readonly choices: RunChoices;
  readonly allowedUsd: number | null;
}

function toStartedRun(
  { dependencies, request, runId, live, signal }: PreparedSend,
  { run, runRow, answer, sentAtMs }: NewRun,
  { turn, plan, choices: { options, timeouts, webSearch }, allowedUsd }: Decided,
): StartedRun {
  return {
    kind: 'started',
    lease: { runId, epoch: runRow.epoch },
    ownerId: request.ownerId,
    run,
    answer,
    live,
    signal,
    ...plan,
    timeouts: resolveTimeouts(dependencies.settings, timeouts, request.body.timeoutMs),
    options,
    allowedUsd,
    webSearch,
    continuedText: continuedText(turn.branch),
    previousAttemptCount: 0,
    sentAtMs,
  };
}

/**
 * The chat of a send; null when the send is to create it.
 * Errors: not_found; bad_request for an id that no client may choose; idempotency_mismatch for a chat of another project.
 */
async function findChat(db: Queryable, request: SendRequest): Promise<Chat | null> {
  if (request.body.createChat !== true) return getChat(db, request);
  const chat = await findOwnChat(db, request);
  if (!chat && !new RegExp(madeIdPattern).test(request.chatId))
    throw new RillError('bad_request', { message: 'A chat that a message makes needs a UUIDv7 as its id.' });
  return chat;
}

/** The title and the model come with the message, and its first options and limits. */
function insertFirstChat(
  { dependencies, request }: PreparedSend,
  transaction: WriteTransaction,
): Promise<Chat> {
  const { ownerId, projectId, chatId } = request;
  const nowMs = dependencies.clock.nowMs();
  const { newChat } = request.body;
  return insertChat(transaction, { ownerId, projectId, chatId, title: '', model: null, ...newChat, nowMs });
}

async function checkLimits(
  { dependencies, request }: PreparedSend,
  transaction: WriteTransaction,
  { activeRunId }: Chat,
  openRuns: number,
): Promise<void> {
  if (activeRunId !== null) throw new RillError('run_active', { details: { runId: activeRunId } });
  const { activeRequests, database, settings, hasRoomForCall } = dependencies;
  const { maxRunsPerOwner, maxRuns } = settings;
  const isNear =
    !database.isExclusive && !isLow(maxRunsPerOwner) && openRuns + mostSendsAtOnce >= maxRunsPerOwner;
  const ofOwner = isNear ? await countExactly(database, transaction, request.ownerId) : openRuns;
  // The run that is being started is registered already.
  if (ofOwner >= maxRunsPerOwner || activeRequests.size > maxRuns) {
    throw new RillError('too_many_runs', {
      retryAfterMs: 1000,
      details: { limit: Math.min(maxRunsPerOwner, maxRuns) },
    });
  }
  if (!hasRoomForCall()) throw new RillError('server_busy', { retryAfterMs: 5000 });
}

/**
 * All processes together have no more sends in a transaction at once: 16 nodes have about as many connections that write.
 * None of these sends counts another one before that is committed.
 */
const mostSendsAtOnce = 100;

/** A low limit is always near: the sends of a user wait for each other from the start, which costs no further trip. */
const isLow = (maxRunsPerOwner: number): boolean => maxRunsPerOwner <= mostSendsAtOnce;

/** Near the limit, sends of several processes wait for each other. */
async function countExactly(
  { locks }: Database,
  transaction: WriteTransaction,
  ownerId: string,
): Promise<number> {
  const [, count] = await together([locks.owner(transaction, ownerId), countOpenRuns(transaction, ownerId)]);
  return count;
}

/** Errors: budget_exceeded. */
async function reserveMoney(
  { dependencies, request: { ownerId, projectId }, runId }: PreparedSend,
  { context, report, maxTokens }: AnswerPlan,
  { model, options, webSearch, spenders }: RunChoices & { readonly spenders: readonly Spender[] },
  transaction: WriteTransaction,
): Promise<number | null> {
  const { budgets, models, settings } = dependencies;
  const answering = [model, ...(options.fallbackModels ?? [])].map((id) => models.find(id));
  const tokens = { promptTokens: report.estimatedTokens, completionTokens: maxTokens };
  const answerUsd = highestCost(answering, tokens);
  const webUsd = webSearch ? webCostLimitUsd(settings.maxWebCostUsd, report, models.find(model)) : 0;
  const reading = await readingFee(transaction, context, options);
  const wantedUsd = answerUsd === null || !reading.isKnown ? null : answerUsd + webUsd + reading.usd;
  return budgets.reserve(transaction, { ownerId, projectId, runId }, { spenders, wantedUsd });
}

async function insertNewRun(
  { dependencies, request }: PreparedSend,
  { userMessage }: Turn,
  { runRow, answer, firstRecord }: NewRun,
  transaction: WriteTransaction,
): Promise<void> {
  await together([
    // Its first event says `accepted`; once this commit is done, the provider is being called.
    insertRun(transaction, { ...runRow, state: 'connecting' }),
    userMessage ? insertMessage(transaction, request.ownerId, userMessage) : Promise.resolve(),
    insertMessage(transaction, request.ownerId, answer),
    dependencies.log.appendWithin(transaction, [firstRecord]),
  ]);
}

function chatChange(chat: Chat, turn: Turn, { answer }: NewRun, { body }: SendRequest): ChatChange {
  const title =
    chat.title === '' && turn.userMessage
      ? titleFromContent(turn.userMessage.content || (turn.userMessage.files?.[0]?.name ?? ''))
      : undefined;
  return {
    activeLeafId: answer.id,
    ...(title !== undefined && { title }),
    ...(body.model !== undefined && { model: body.model }),
    ...(body.webSearch !== undefined && { webSearch: body.webSearch }),
  };
}
