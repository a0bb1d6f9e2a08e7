/** Entities and a client for tests: the client answers with given values and returns streams that the test feeds. */
import type { ClientEvent, FeedListener } from '@rill/client/source';
import {
  blankMessage,
  type Chat,
  type ChatContext,
  type ChatDetail,
  type Cursor,
  emptyRunView,
  type FeedEvent,
  foldFrame,
  isEnded,
  type Message,
  type Model,
  type Project,
  type RillError,
  type Run,
  type RunEvent,
  type RunView,
} from '@rill/protocol';
import { changedChat } from './chatRecord.svelte.ts';
import type { ChatClient } from './chatState.svelte.ts';
import type { RouterHost } from './navigation/router.svelte.ts';
import { memoryUnsent } from './unsent/memoryUnsent.ts';
import type { WorkspaceClient } from './workspace/workspaceState.svelte.ts';

export const exampleChat: Chat = {
  id: 'c1',
  projectId: 'p1',
  title: 'Tides',
  model: null,
  activeLeafId: null,
  titleReceipt: null,
  activeRunId: null,
  pinnedAtMs: null,
  archivedAtMs: null,
  deletedAtMs: null,
  unread: null,
  createdAtMs: 1000,
  updatedAtMs: 1000,
};

/** Today, as messages are that were just written: no line of a day comes between them. */
const writtenAtMs = Date.now();

export function exampleMessage(change: Partial<Message> & Pick<Message, 'id' | 'role'>): Message {
  return {
    ...blankMessage(),
    chatId: 'c1',
    parentId: null,
    status: 'completed',
    runId: null,
    model: null,
    createdAtMs: writtenAtMs,
    ...change,
  };
}

export const exampleRun: Run = {
  id: 'r1',
  chatId: 'c1',
  projectId: 'p1',
  messageId: 'a1',
  state: 'streaming',
  model: 'demo/quick',
  context: null,
  error: null,
  cancelRequestedAtMs: null,
  createdAtMs: 1000,
  endedAtMs: null,
};

/** A stream the test feeds by hand. */
export interface FedStream {
  readonly events: AsyncIterable<ClientEvent>;
  /** Folds the event and hands it out; ends after the terminal one. */
  feed(event: RunEvent): void;
  connection(state: 'connecting' | 'open' | 'reconnecting'): void;
  end(): void;
  fail(error: Error): void;
}

export function fedStream(runId = 'r1', signal?: AbortSignal): FedStream {
  const waiting: ClientEvent[] = [];
  let wake: () => void = () => undefined;
  let ending: { readonly error: Error | null } | null = null;
  let view: RunView = emptyRunView(runId);
  const push = (event: ClientEvent) => {
    waiting.push(event);
    wake();
  };
  const finish = (error: Error | null) => {
    ending = { error };
    wake();
  };
  signal?.addEventListener('abort', () => finish(null));
  async function* read(): AsyncGenerator<ClientEvent, void, undefined> {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else if (ending?.error) throw ending.error;
      else if (ending) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    events: read(),
    feed(event) {
      const cursor = cursorAfter(view, event);
      const frame = { cursor, event };
      view = foldFrame(view, frame);
      push({ type: 'frame', frame, view });
      if (isEnded(view)) finish(null);
    },
    connection: (state) => push({ type: 'connection', state, attempt: 0 }),
    end: () => finish(null),
    fail: (error) => finish(error),
  };
}

function cursorAfter({ cursor }: RunView, event: RunEvent): Cursor {
  const { contentLength, reasoningLength } = cursor;
  return {
    ...cursor,
    seq: cursor.seq + 1,
    contentLength: contentLength + (event.type === 'chunk' ? event.data.content.length : 0),
    reasoningLength: reasoningLength + (event.type === 'reasoning' ? event.data.reasoning.length : 0),
  };
}

export const exampleContext: ChatContext = {
  model: 'demo/quick',
  contextLengthTokens: 8192,
  estimatedTokens: 5,
  instructionsTokens: 0,
  historyTokens: 0,
  nextTokens: 5,
  roomTokens: 7000,
  answerTokens: 1000,
  isTooLarge: false,
  messages: [],
  price: null,
};

/** A client of one chat. `streams` holds every stream that was opened, the newest last. */
export interface ScriptedClient extends ChatClient {
  readonly streams: FedStream[];
  readonly sent: Parameters<ChatClient['sendMessageStream']>[0][];
  readonly cancelled: (string | undefined)[];
  detail: ChatDetail;
}

export function scriptedClient(change: Partial<ChatClient> = {}): ScriptedClient {
  const streams: FedStream[] = [];
  const sent: ScriptedClient['sent'] = [];
  const cancelled: ScriptedClient['cancelled'] = [];
  const open = (signal: AbortSignal | undefined) => {
    const stream = fedStream('r1', signal);
    streams.push(stream);
    return stream.events;
  };
  const client: ScriptedClient = {
    streams,
    sent,
    cancelled,
    detail: { chat: exampleChat, messages: [], siblings: {}, activeRun: null },
    getChat: async () => client.detail,
    updateChat: async ({ projectId: _projectId, chatId: _chatId, signal: _signal, ...body }) =>
      changedChat(exampleChat, body),
    sendMessageStream: (request) => {
      sent.push(request);
      return open(request.signal);
    },
    resumeStream: ({ signal }) => open(signal),
    ...memoryUnsent(),
    cancelRun: async ({ runId }) => {
      cancelled.push(runId);
      return { cancelled: true, runId: runId ?? 'r1', message: null };
    },
    forkChat: async ({ id = 'c2' }) => ({ ...exampleChat, id }),
    editMessage: async ({ messageId, content }) =>
      exampleMessage({ id: 'e1', role: 'assistant', content, copyOf: messageId, isEdited: true }),
    deleteMessage: async () => ({ chat: exampleChat, messageCount: 1 }),
    markMessage: async ({ messageId, mark }) => ({ messageId, mark }),
    getContext: async () => exampleContext,
    restoreMessage: async () => ({ chat: exampleChat, messageCount: 1 }),
    ...change,
  };
  return client;
}

/** The first event of the run r1. `change` is what the user message is besides: its parent in the chat, another id. */
export function runStart(content: string, change: Partial<Message> = {}): RunEvent {
  const userMessage = exampleMessage({ id: 'u1', role: 'user', content, ...change });
  return {
    type: 'run-start',
    data: {
      run: exampleRun,
      userMessage,
      message: exampleMessage({
        id: 'a1',
        role: 'assistant',
        parentId: userMessage.id,
        status: 'streaming',
        runId: 'r1',
      }),
    },
  };
}

export const chunk = (content: string): RunEvent => ({ type: 'chunk', data: { content, done: false } });

export function done(content: string, change: Partial<Message> = {}): RunEvent {
  const message = exampleMessage({
    id: 'a1',
    role: 'assistant',
    parentId: 'u1',
    runId: 'r1',
    content,
    ...change,
  });
  return { type: 'done', data: { message, usage: message.usage } };
}

export const exampleProject: Project = {
  id: 'p1',
  name: 'Personal',
  systemPrompt: null,
  defaultModel: null,
  options: null,
  timeouts: null,
  createdAtMs: 0,
  updatedAtMs: 0,
};

export const exampleModel: Model = {
  id: 'demo/quick',
  name: 'Demo Quick',
  contextLengthTokens: 8192,
  maxCompletionTokens: null,
  promptUsdPerToken: 0,
  completionUsdPerToken: 0,
  isReasoning: false,
};

export type ScriptedWorkspaceClient = WorkspaceClient &
  ScriptedClient & { projects: Project[]; chats: Chat[] };

/** A client of one project with one chat. */
export function scriptedWorkspaceClient(change: Partial<WorkspaceClient> = {}): ScriptedWorkspaceClient {
  const client: ScriptedWorkspaceClient = Object.assign(scriptedClient(), {
    projects: [exampleProject],
    chats: [exampleChat],
    listProjects: async () => ({ projects: client.projects }),
    listChats: async ({ projectId }) => ({
      chats: client.chats.filter((chat) => chat.projectId === projectId),
      nextPageToken: null,
    }),
    listModels: async () => ({ models: [exampleModel], defaultModel: 'demo/quick', isDemo: true }),
    pinModel: async ({ model, isPinned }) => ({ pinnedModels: isPinned ? [model] : [] }),
    createProject: async ({ name }) => ({ ...exampleProject, id: 'p2', name }),
    updateProject: async ({ projectId, name }) => ({
      ...exampleProject,
      id: projectId,
      name: name ?? 'Personal',
    }),
    createChat: async ({ projectId }) => ({ ...exampleChat, projectId, id: 'c2', title: '' }),
    keepChat: async () => exampleChat,
    deleteProject: async () => undefined,
    deleteChat: async () => undefined,
    listMarkedChats: async ({ mark }) => {
      const chats = client.chats.filter((chat) => mark === 'pinned' && chat.pinnedAtMs !== null);
      return { chats, nextPageToken: null, totalCount: chats.length };
    },
    updateChats: async ({ chatIds }) => ({ chatIds }),
    deleteChats: async ({ chatIds }) => ({ chatIds }),
    restoreChats: async ({ chatIds }) => ({ chatIds }),
    emptyBin: async ({ chatIds = [] }) => ({ chatIds }),
    signIn: async () => undefined,
    signOut: async () => undefined,
    ...change,
  } satisfies Partial<ScriptedWorkspaceClient> & Partial<WorkspaceClient>);
  return client;
}

/** An address bar without a browser. `back` goes to the entry before. */
export function memoryHost(path = '/'): RouterHost & { readonly paths: string[]; back(): void } {
  const paths = [path];
  const listeners = new Set<() => void>();
  return {
    paths,
    location: {
      get pathname() {
        return paths.at(-1) ?? '/';
      },
    },
    history: {
      pushState: (_data, _title, url) => void paths.push(String(url)),
      replaceState: (_data, _title, url) => void paths.splice(-1, 1, String(url)),
    },
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
    back() {
      paths.pop();
      for (const listener of listeners) listener();
    },
  };
}

/** A feed that the test tells what to say; it reaches who follows it now. */
export function fedFeed() {
  let listener: FeedListener | null = null;
  return {
    get isFollowed() {
      return listener !== null;
    },
    follow: (next: FeedListener) => {
      listener = next;
      return () => {
        if (listener === next) listener = null;
      };
    },
    tell: (event: FeedEvent) => listener?.onEvent(event, true),
    connect: (isConnected: boolean) => listener?.onConnection(isConnected),
    refuse: (error: RillError) => listener?.onFailure(error),
    /** Another tab follows it. */
    share: () => listener?.onShared?.(),
  };
}

export const chatChange = (change: Partial<Chat>): FeedEvent => ({
  type: 'chat-change',
  data: { chat: { ...exampleChat, ...change } },
});
export const mayHaveMissed: FeedEvent = { type: 'feed-start', data: { isWhole: false } };

/** A line or a server that takes this long, on the clock of the test. */
export const takeTime = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
