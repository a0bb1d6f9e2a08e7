/**
 * Makes the client: one function per route of the contract. The streaming ones follow a run or the feed over any number
 * of connections. Its only state is its options, and for which verbs the network holds streams back.
 */
import {
  type AddToQueue,
  type CancelResult,
  type ChangedChats,
  type Chat,
  type ChatContext,
  type ChatDetail,
  type ChatMark,
  type ChatQueue,
  type ContextQuery,
  type CreateChat,
  type CreateProject,
  type Draft,
  type EditMessage,
  type EmptyBin,
  emptyRunView,
  type ForkChat,
  type Health,
  type ManyChats,
  type MarkMessage,
  type Message,
  type MessageMark,
  type MessagesChanged,
  type ModelList,
  type PinModel,
  type PinnedModels,
  type Project,
  type PutDraft,
  parseCursor,
  type Run,
  type RunReceipt,
  type RunView,
  type SearchResult,
  type SendMessage,
  type SendResult,
  type UpdateChat,
  type UpdateChats,
  type UpdateProject,
  type UpdateQueued,
} from '@rill/protocol';
import { httpOptionsOf, type RillClientOptions } from './clientOptions.ts';
import { type ConnectionEvent, followConnections } from './connection/connectionLoop.ts';
import { type FeedChange, FeedFollower } from './connection/feedFollower.ts';
import { HeldLines } from './connection/heldLines.ts';
import { type ClientEvent, RunFollower, type RunFollowerRequest } from './connection/runFollower.ts';
import { browserEnvironment } from './connection/wakeUps.ts';
import { type FileClient, fileCalls } from './fileClient.ts';
import { clientRoutes, streamPath } from './http/clientRoutes.ts';
import { callRoute, type JsonCall } from './http/request.ts';
import { type ClientRoute, fillPath } from './http/routePath.ts';
import { type ImportClient, importCalls } from './importClient.ts';
import { type MoneyClient, moneyCalls } from './moneyClient.ts';
import { type PromptClient, promptCalls } from './promptClient.ts';
import { type ProviderKeyClient, providerKeyCalls } from './providerKeyClient.ts';

/** Options of every call. `signal` stops waiting; what the server does already is not undone. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}
export interface ProjectRef {
  readonly projectId: string;
}
export interface ChatRef extends ProjectRef {
  readonly chatId: string;
}

/** The chat of the draft; null for the next new chat of the project. */
export interface DraftRef extends ProjectRef {
  readonly chatId: string | null;
}
/** A message that waits in the queue of a chat. */
export interface QueuedRef extends ChatRef {
  readonly messageId: string;
}
export interface MessageRef extends ChatRef {
  readonly messageId: string;
}

/** A message to answer, and where. */
export interface SendRequest extends ChatRef, CallOptions, Omit<SendMessage, 'clientMessageId'> {
  /** Names this send: the same key and message never start a second run. 1 to 200 characters; default random. */
  readonly idempotencyKey?: string;
}

/**
 * Which run to follow: that of a view, that of a cursor, one by its id, or else the chat's active one. The first that
 * is given counts.
 */
export interface ResumeRequest extends ChatRef, CallOptions {
  /** Continues from exactly here; nothing that the view has is read again. */
  readonly view?: RunView;
  /** Identifies the run. What precedes the cursor is read again, because a view always has the whole run. */
  readonly cursor?: string;
  /** Follows this run from its start, also when it has ended. */
  readonly runId?: string;
}

/** Where to continue in the feed; without a cursor it begins with a `feed-start` that is not whole. */
export interface FeedRequest extends CallOptions {
  readonly cursor?: string;
}
/** What the iteration of the feed yields. */
export type FeedClientEvent = ConnectionEvent | FeedChange;

/**
 * Every call resolves with the body of its success and rejects with a RillError (`code`, `status`, `details`,
 * `retryAfterMs`), or with the signal's reason after an abort. JSON calls are made once and never retried.
 */
export interface RillClient extends ProviderKeyClient, PromptClient, ImportClient, MoneyClient, FileClient {
  listProjects(request?: CallOptions): Promise<{ projects: Project[] }>;
  createProject(request: CreateProject & CallOptions): Promise<Project>;
  getProject(request: ProjectRef & CallOptions): Promise<Project>;
  updateProject(request: ProjectRef & UpdateProject & CallOptions): Promise<Project>;
  deleteProject(request: ProjectRef & CallOptions): Promise<void>;
  /** Lists one page; `nextPageToken` is the next one's `pageToken`, null at the end. `limit`: 1 to 500, default 200. */
  listChats(
    request: ProjectRef & { limit?: number; pageToken?: string } & CallOptions,
  ): Promise<{ chats: Chat[]; nextPageToken: string | null }>;
  createChat(request: ProjectRef & CreateChat & CallOptions): Promise<Chat>;
  getChat(request: ChatRef & CallOptions): Promise<ChatDetail>;
  updateChat(request: ChatRef & UpdateChat & CallOptions): Promise<Chat>;
  /** Moves the chat to the bin, where it stays for 30 days. */
  deleteChat(request: ChatRef & CallOptions): Promise<void>;
  restoreChat(request: ChatRef & CallOptions): Promise<Chat>;
  /** Stores a temporary chat permanently. Errors: run_active while an answer is being written in it. */
  keepChat(request: ChatRef & CallOptions): Promise<Chat>;
  /** One page of the chats of all projects that are pinned, archived or in the bin. */
  listMarkedChats(
    request: { mark: ChatMark; limit?: number; pageToken?: string } & CallOptions,
  ): Promise<{ chats: Chat[]; nextPageToken: string | null; totalCount: number }>;
  updateChats(request: UpdateChats & CallOptions): Promise<ChangedChats>;
  deleteChats(request: ManyChats & CallOptions): Promise<ChangedChats>;
  restoreChats(request: ManyChats & CallOptions): Promise<ChangedChats>;
  /** Deletes chats of the bin permanently. Errors: bin_changed when they are not `count` chats. */
  emptyBin(request: EmptyBin & CallOptions): Promise<ChangedChats>;
  /** Copies the shown branch, up to `messageId`, into a new chat. With an `id` of a new chat it can be repeated. */
  forkChat(request: ChatRef & ForkChat & CallOptions): Promise<Chat>;
  /** Stores the user's version of an answer, and shows it. */
  editMessage(request: MessageRef & EditMessage & CallOptions): Promise<Message>;
  /** Deletes a message and all below it. */
  deleteMessage(request: MessageRef & CallOptions): Promise<MessagesChanged>;
  /** Restores a deleted message and what was deleted with it. */
  restoreMessage(request: MessageRef & CallOptions): Promise<MessagesChanged>;
  /** What the next request would contain, message by message, and cost. */
  getContext(request: ChatRef & ContextQuery & CallOptions): Promise<ChatContext>;
  /** Pins a message into the context, excludes it from it, or does neither. */
  markMessage(request: MessageRef & MarkMessage & CallOptions): Promise<MessageMark>;
  /** Sends a message and waits for the whole answer, however long that takes. */
  sendMessage(request: SendRequest): Promise<SendResult>;
  /**
   * Sends a message at the first `next()` and follows its run to the terminal frame, through any number of connections.
   * `signal` and leaving the loop only detach: the run continues, and the iteration ends without error.
   * Errors, thrown by the iteration: RillError when no run was started, or the run can no longer be reached.
   */
  sendMessageStream(request: SendRequest): AsyncIterable<ClientEvent>;
  /**
   * Follows a run that exists, as `sendMessageStream` does. Ends without a frame when nothing is left to follow.
   * Errors: cursor_invalid at once for a malformed cursor; else thrown by the iteration.
   */
  resumeStream(request: ResumeRequest): AsyncIterable<ClientEvent>;
  /**
   * Follows the user's own feed from the first `next()`, through any number of connections. It never ends by itself;
   * `signal` and leaving the loop end it without error. After a `feed-start` that is not whole, read again whatever is
   * shown.
   * Errors, thrown by the iteration: RillError of a permanent refusal, such as `unauthorized`.
   */
  followFeed(request?: FeedRequest): AsyncIterable<FeedClientEvent>;
  /**
   * Cancels the chat's active run or the named one; its text so far is kept. Errors: no_active_run when there is none.
   */
  cancelRun(request: ChatRef & { runId?: string } & CallOptions): Promise<CancelResult>;
  /** Reads the draft of a chat; `chatId` null: that of the next new chat of the project. */
  getDraft(request: DraftRef & CallOptions): Promise<Draft>;
  /** Stores a draft. The later edit wins; text that it replaces without having read it is kept in `otherContent`. */
  putDraft(request: DraftRef & PutDraft & CallOptions): Promise<Draft>;
  getQueue(request: ChatRef & CallOptions): Promise<ChatQueue>;
  /** Adds a message that the server sends once the answers before it are complete; once for each key. */
  addToQueue(request: ChatRef & AddToQueue & { idempotencyKey: string } & CallOptions): Promise<ChatQueue>;
  updateQueued(request: QueuedRef & UpdateQueued & CallOptions): Promise<ChatQueue>;
  removeQueued(request: QueuedRef & CallOptions): Promise<ChatQueue>;
  /** Sends a waiting message now; a running answer is cancelled first. */
  sendQueued(request: QueuedRef & CallOptions): Promise<ChatQueue>;
  resumeQueue(request: ChatRef & CallOptions): Promise<ChatQueue>;
  getRun(request: { runId: string } & CallOptions): Promise<Run>;
  /** Finds chats and messages that contain all words of `q`, or parts of words, newest first. */
  search(request: { q: string; limit?: number; pageToken?: string } & CallOptions): Promise<SearchResult>;
  /** The request of the run as it was sent, whatever its project says now. */
  getReceipt(request: { runId: string } & CallOptions): Promise<RunReceipt>;
  listModels(request?: CallOptions): Promise<ModelList>;
  /** Pins or unpins a model, whether or not it is listed. */
  pinModel(request: PinModel & CallOptions): Promise<PinnedModels>;
  health(request?: CallOptions): Promise<Health>;
  /** `not_ready` while the server starts or drains. */
  ready(request?: CallOptions): Promise<{ status: 'ready' | 'not_ready' }>;
  /** Exchanges the access token for a session cookie of this browser. */
  signIn(request: { token: string } & CallOptions): Promise<void>;
  /** Ends this browser's session, or with `everywhere` every session of the user. */
  signOut(request?: { everywhere?: boolean } & CallOptions): Promise<void>;
}

export function createRillClient(options: RillClientOptions = {}): RillClient {
  const http = httpOptionsOf(options);
  const environment = options.environment === undefined ? browserEnvironment() : options.environment;
  const following = { http, environment, random: options.random ?? Math.random, lines: new HeldLines() };
  // Only this line trusts the server: `callRoute` has checked that the response is JSON with the route's fields.
  const call = async <Result>(route: ClientRoute, request: JsonCall): Promise<Result> =>
    (await callRoute(http, route, request)) as Result;
  const followRun = (request: RunFollowerRequest, signal: AbortSignal | undefined) =>
    followConnections(following, signal, new RunFollower(request));
  const { health, ready, listModels, listProjects } = clientRoutes;
  return {
    ...projectCalls(call),
    ...chatCalls(call),
    ...unsentCalls(call),
    ...manyChatsCalls(call),
    ...messageCalls(call),
    ...moneyCalls(call),
    ...providerKeyCalls(call),
    ...importCalls(http, call),
    ...promptCalls(call),
    ...fileCalls(http, call),
    listProjects: (request = {}) => call(listProjects, request),
    search: ({ signal, ...query }) => call(clientRoutes.search, { query, signal }),
    listModels: (request = {}) => call(listModels, request),
    pinModel: ({ signal, ...body }) => call(clientRoutes.pinModel, { body, signal }),
    health: (request = {}) => call(health, request),
    ready: (request = {}) => call(ready, request),
    getRun: ({ runId, signal }) => call(clientRoutes.getRun, { params: { runId }, signal }),
    getReceipt: ({ runId, signal }) => call(clientRoutes.getReceipt, { params: { runId }, signal }),
    signIn: async ({ token, signal }) => {
      await call(clientRoutes.signIn, { body: { token }, signal });
    },
    signOut: async ({ signal, ...query } = {}) => {
      await call(clientRoutes.signOut, { query, signal });
    },
    sendMessageStream({ projectId, chatId, signal, idempotencyKey = randomKey(), ...body }) {
      const path = fillPath(streamPath, { id: projectId, chatId });
      return followRun({ path, send: { body, idempotencyKey }, view: null }, signal);
    },
    resumeStream(request) {
      const path = fillPath(streamPath, { id: request.projectId, chatId: request.chatId });
      return followRun({ path, send: null, view: viewOf(request) }, request.signal);
    },
    followFeed: ({ signal, cursor } = {}) =>
      followConnections(following, signal, new FeedFollower(cursor ?? null)),
  };
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;
type ProjectCallName =
  | 'createProject'
  | 'getProject'
  | 'updateProject'
  | 'deleteProject'
  | 'listChats'
  | 'createChat';
type ChatCallName =
  | 'getChat'
  | 'updateChat'
  | 'deleteChat'
  | 'restoreChat'
  | 'keepChat'
  | 'forkChat'
  | 'sendMessage'
  | 'cancelRun';
type ManyChatsCallName = 'listMarkedChats' | 'updateChats' | 'deleteChats' | 'restoreChats' | 'emptyBin';
type MessageCallName = 'editMessage' | 'deleteMessage' | 'restoreMessage' | 'markMessage' | 'getContext';

type UnsentCallName =
  | 'getDraft'
  | 'putDraft'
  | 'getQueue'
  | 'addToQueue'
  | 'updateQueued'
  | 'removeQueued'
  | 'sendQueued'
  | 'resumeQueue';

const callChat =
  <Result>(call: Call, route: ClientRoute) =>
  ({ projectId: id, chatId, signal }: ChatRef & CallOptions) =>
    call<Result>(route, { params: { id, chatId }, signal });

/** The other fields of the request are the body. */
const changeChat =
  <Result>(call: Call, route: ClientRoute) =>
  ({ projectId: id, chatId, signal, ...body }: ChatRef & CallOptions) =>
    call<Result>(route, { params: { id, chatId }, body, signal });

const callMessage =
  <Result>(call: Call, route: ClientRoute) =>
  ({ projectId: id, chatId, messageId, signal }: MessageRef & CallOptions) =>
    call<Result>(route, { params: { id, chatId, messageId }, signal });

const changeMessage =
  <Result>(call: Call, route: ClientRoute) =>
  ({ projectId: id, chatId, messageId, signal, ...body }: MessageRef & CallOptions) =>
    call<Result>(route, { params: { id, chatId, messageId }, body, signal });

function projectCalls(call: Call): Pick<RillClient, ProjectCallName> {
  return {
    createProject: ({ signal, ...body }) => call(clientRoutes.createProject, { body, signal }),
    getProject: ({ projectId: id, signal }) => call(clientRoutes.getProject, { params: { id }, signal }),
    updateProject: ({ projectId: id, signal, ...body }) =>
      call(clientRoutes.updateProject, { params: { id }, body, signal }),
    deleteProject: async ({ projectId: id, signal }) => {
      await call(clientRoutes.deleteProject, { params: { id }, signal });
    },
    listChats: ({ projectId: id, signal, ...query }) =>
      call(clientRoutes.listChats, { params: { id }, query, signal }),
    createChat: ({ projectId: id, signal, ...body }) =>
      call(clientRoutes.createChat, { params: { id }, body, signal }),
  };
}

function chatCalls(call: Call): Pick<RillClient, ChatCallName> {
  return {
    getChat: callChat(call, clientRoutes.getChat),
    updateChat: changeChat(call, clientRoutes.updateChat),
    deleteChat: async ({ projectId: id, chatId, signal }) => {
      await call(clientRoutes.deleteChat, { params: { id, chatId }, signal });
    },
    restoreChat: callChat(call, clientRoutes.restoreChat),
    keepChat: callChat(call, clientRoutes.keepChat),
    forkChat: changeChat(call, clientRoutes.forkChat),
    sendMessage: ({ projectId: id, chatId, signal, idempotencyKey = randomKey(), ...body }) => {
      const headers = { 'idempotency-key': idempotencyKey };
      return call(clientRoutes.sendMessage, { params: { id, chatId }, headers, body, signal });
    },
    cancelRun: changeChat(call, clientRoutes.cancelRun),
  };
}

function unsentCalls(call: Call): Pick<RillClient, UnsentCallName> {
  const { getNewChatDraft, getDraft, putNewChatDraft, putDraft } = clientRoutes;
  return {
    getDraft: ({ projectId: id, chatId, signal }) =>
      chatId === null
        ? call(getNewChatDraft, { params: { id }, signal })
        : call(getDraft, { params: { id, chatId }, signal }),
    putDraft: ({ projectId: id, chatId, signal, ...body }) =>
      chatId === null
        ? call(putNewChatDraft, { params: { id }, body, signal })
        : call(putDraft, { params: { id, chatId }, body, signal }),
    getQueue: callChat(call, clientRoutes.getQueue),
    addToQueue: ({ projectId: id, chatId, signal, idempotencyKey, ...body }) => {
      const headers = { 'idempotency-key': idempotencyKey };
      return call(clientRoutes.addToQueue, { params: { id, chatId }, headers, body, signal });
    },
    updateQueued: changeMessage(call, clientRoutes.updateQueued),
    removeQueued: callMessage(call, clientRoutes.removeQueued),
    sendQueued: callMessage(call, clientRoutes.sendQueued),
    resumeQueue: callChat(call, clientRoutes.resumeQueue),
  };
}

function manyChatsCalls(call: Call): Pick<RillClient, ManyChatsCallName> {
  const change =
    (route: ClientRoute) =>
    ({ signal, ...body }: CallOptions): Promise<ChangedChats> =>
      call(route, { body, signal });
  return {
    listMarkedChats: ({ signal, ...query }) => call(clientRoutes.listMarkedChats, { query, signal }),
    updateChats: change(clientRoutes.updateChats),
    deleteChats: change(clientRoutes.deleteChats),
    restoreChats: change(clientRoutes.restoreChats),
    emptyBin: change(clientRoutes.emptyBin),
  };
}

function messageCalls(call: Call): Pick<RillClient, MessageCallName> {
  return {
    editMessage: changeMessage(call, clientRoutes.editMessage),
    markMessage: changeMessage(call, clientRoutes.markMessage),
    getContext: ({ projectId: id, chatId, signal, ...query }) =>
      call(clientRoutes.getContext, { params: { id, chatId }, query, signal }),
    deleteMessage: callMessage(call, clientRoutes.deleteMessage),
    restoreMessage: callMessage(call, clientRoutes.restoreMessage),
  };
}

function viewOf({ view, cursor, runId }: ResumeRequest): RunView | null {
  if (view) return view;
  if (cursor !== undefined) return emptyRunView(parseCursor(cursor).runId);
  return runId === undefined ? null : emptyRunView(runId);
}

/** 128 random bits as hex. Not `randomUUID`, which browsers lack on plain HTTP, where self-hosted pages live. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
