/**
 * The client: one function per route of the contract; those of streams follow over any number of connections.
 * It holds no state of its own beside its options.
 */
import {
  type CancelResult,
  type Chat,
  type ChatDetail,
  type CreateChat,
  type CreateProject,
  emptyRunView,
  type Health,
  type ModelList,
  type Project,
  parseCursor,
  type Run,
  type RunView,
  type SendMessage,
  type SendResult,
  type UpdateChat,
  type UpdateProject,
} from '@rill/protocol';
import { type ClientRoute, clientRoutes, fillPath, streamPath } from './clientRoutes.ts';
import { type Clock, systemClock } from './clock.ts';
import { type FeedChange, FeedFollower } from './feedFollower.ts';
import { type ConnectionEvent, followConnections } from './followConnections.ts';
import { type ClientEvent, followRun } from './followRun.ts';
import { callRoute, type HttpOptions, type JsonCall } from './request.ts';
import { browserEnvironment, type ClientEnvironment } from './wakeUps.ts';

export interface RillClientOptions {
  /** Origin and path before `/api`, such as `http://localhost:3000`. Default '': the page's own origin. */
  readonly baseUrl?: string;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Sent as a bearer token. Default none: a browser sends the cookie that `signIn` set. */
  readonly accessToken?: string;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** From 0 to below 1, for the jitter of retries. Default `Math.random`. */
  readonly random?: () => number;
  /** Where wake-ups come from. Default: the browser's window and document; null in Node. */
  readonly environment?: ClientEnvironment | null;
}

/** Of every call. `signal` gives up waiting; what the server does already is not undone. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}
export interface ProjectPlace {
  readonly projectId: string;
}
export interface ChatPlace extends ProjectPlace {
  readonly chatId: string;
}

/** A message to answer, and where. */
export interface SendRequest extends ChatPlace, CallOptions, Omit<SendMessage, 'clientMessageId'> {
  /** Names this send: the same key and message never start a second run. 1 to 200 characters; default random. */
  readonly idempotencyKey?: string;
}

/** Which run to follow: of a view, of a cursor, by its id, or else the chat's active one; the first given counts. */
export interface ResumeRequest extends ChatPlace, CallOptions {
  /** Goes on from exactly here; nothing that the view holds is read again. */
  readonly view?: RunView;
  /** Names the run. What lies before it is read again, because a view is always whole. */
  readonly cursor?: string;
  /** Follows this run from its start, also when it has ended. */
  readonly runId?: string;
}

/** Where to go on in the feed; without a cursor it begins with a `feed-start` that is not whole. */
export interface FeedRequest extends CallOptions {
  readonly cursor?: string;
}
/** What the iteration of the feed gives. */
export type FeedClientEvent = ConnectionEvent | FeedChange;

/**
 * Every call resolves with the body of its success and rejects with a RillError (`code`, `status`, `details`,
 * `retryAfterMs`), or with the signal's reason after an abort. JSON calls are made once and never retried.
 */
export interface RillClient {
  listProjects(request?: CallOptions): Promise<{ projects: Project[] }>;
  createProject(request: CreateProject & CallOptions): Promise<Project>;
  getProject(request: ProjectPlace & CallOptions): Promise<Project>;
  updateProject(request: ProjectPlace & UpdateProject & CallOptions): Promise<Project>;
  deleteProject(request: ProjectPlace & CallOptions): Promise<void>;
  /** One page; `nextPageToken` is the next one's `pageToken`, null at the end. `limit`: 1 to 500, default 200. */
  listChats(
    request: ProjectPlace & { limit?: number; pageToken?: string } & CallOptions,
  ): Promise<{ chats: Chat[]; nextPageToken: string | null }>;
  createChat(request: ProjectPlace & CreateChat & CallOptions): Promise<Chat>;
  getChat(request: ChatPlace & CallOptions): Promise<ChatDetail>;
  updateChat(request: ChatPlace & UpdateChat & CallOptions): Promise<Chat>;
  deleteChat(request: ChatPlace & CallOptions): Promise<void>;
  /** Sends a message and waits for the whole answer, as long as that takes. */
  sendMessage(request: SendRequest): Promise<SendResult>;
  /**
   * Sends a message at the first `next()` and follows its run to the terminal frame, through any number of
   * connections. `signal` and leaving the loop only detach: the run goes on, and the iteration ends without error.
   * Errors, thrown by the iteration: RillError when no run was started, or the run is out of reach for good.
   */
  sendMessageStream(request: SendRequest): AsyncIterable<ClientEvent>;
  /**
   * Follows a run that exists, as `sendMessageStream` does. Ends without a frame when nothing is left to follow.
   * Errors: cursor_invalid at once for a malformed cursor; else thrown by the iteration.
   */
  resumeStream(request: ResumeRequest): AsyncIterable<ClientEvent>;
  /**
   * Follows the person's own feed from the first `next()`, through any number of connections. It never ends by
   * itself; `signal` and leaving the loop end it without error. After a `feed-start` that is not whole, read again
   * whatever is shown. Errors, thrown by the iteration: RillError of a refusal for good, such as `unauthorized`.
   */
  followFeed(request?: FeedRequest): AsyncIterable<FeedClientEvent>;
  /** Ends the chat's active run or the one that is named; its text so far is kept. no_active_run when there is none. */
  cancelRun(request: ChatPlace & { runId?: string } & CallOptions): Promise<CancelResult>;
  getRun(request: { runId: string } & CallOptions): Promise<Run>;
  listModels(request?: CallOptions): Promise<ModelList>;
  health(request?: CallOptions): Promise<Health>;
  /** `not_ready` while the server starts or drains. */
  ready(request?: CallOptions): Promise<{ status: 'ready' | 'not_ready' }>;
  /** Changes the token for a cookie of this browser. */
  signIn(request: { token: string } & CallOptions): Promise<void>;
  signOut(request?: CallOptions): Promise<void>;
}

const sessionRoute = (method: 'POST' | 'DELETE'): ClientRoute => ({
  method,
  path: '/api/session',
  fields: [],
});

export function createRillClient(options: RillClientOptions = {}): RillClient {
  const http = httpOptionsOf(options);
  const environment = options.environment === undefined ? browserEnvironment() : options.environment;
  const following = { http, environment, random: options.random ?? Math.random };
  // The one place that trusts the server: `callRoute` has checked that the answer is JSON with the route's fields.
  const call = async <Result>(route: ClientRoute, request: JsonCall): Promise<Result> =>
    (await callRoute(http, route, request)) as Result;
  const { health, ready, listModels, listProjects } = clientRoutes;
  return {
    ...projectCalls(call),
    ...chatCalls(call),
    listProjects: (request = {}) => call(listProjects, request),
    listModels: (request = {}) => call(listModels, request),
    health: (request = {}) => call(health, request),
    ready: (request = {}) => call(ready, request),
    getRun: ({ runId, signal }) => call(clientRoutes.getRun, { params: { runId }, signal }),
    signIn: async ({ token, signal }) => {
      await call(sessionRoute('POST'), { body: { token }, signal });
    },
    signOut: async (request = {}) => {
      await call(sessionRoute('DELETE'), request);
    },
    sendMessageStream({ projectId, chatId, signal, idempotencyKey = randomKey(), ...body }) {
      const path = fillPath(streamPath, { id: projectId, chatId });
      return followRun(following, { path, send: { body, idempotencyKey }, view: null, signal });
    },
    resumeStream(request) {
      const path = fillPath(streamPath, { id: request.projectId, chatId: request.chatId });
      return followRun(following, { path, send: null, view: viewOf(request), signal: request.signal });
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
type ChatCallName = 'getChat' | 'updateChat' | 'deleteChat' | 'sendMessage' | 'cancelRun';

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
    getChat: ({ projectId: id, chatId, signal }) =>
      call(clientRoutes.getChat, { params: { id, chatId }, signal }),
    updateChat: ({ projectId: id, chatId, signal, ...body }) =>
      call(clientRoutes.updateChat, { params: { id, chatId }, body, signal }),
    deleteChat: async ({ projectId: id, chatId, signal }) => {
      await call(clientRoutes.deleteChat, { params: { id, chatId }, signal });
    },
    sendMessage: ({ projectId: id, chatId, signal, idempotencyKey = randomKey(), ...body }) => {
      const headers = { 'idempotency-key': idempotencyKey };
      return call(clientRoutes.sendMessage, { params: { id, chatId }, headers, body, signal });
    },
    cancelRun: ({ projectId: id, chatId, signal, ...body }) =>
      call(clientRoutes.cancelRun, { params: { id, chatId }, body, signal }),
  };
}

function httpOptionsOf(options: RillClientOptions): HttpOptions {
  return {
    baseUrl: (options.baseUrl ?? '').replace(/\/+$/, ''),
    // Wrapped, because a browser's fetch must be called on its own window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    accessToken: options.accessToken,
    clock: options.clock ?? systemClock,
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
