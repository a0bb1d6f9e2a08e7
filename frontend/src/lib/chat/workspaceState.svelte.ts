/**
 * Projects, their chats, the models, and which chat is shown. The route decides what is shown; this state follows it.
 */
import type { RillClient } from '@rill/client';
import type { Chat, Model, ModelList, Project } from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatClient, type ChatState, createChatState } from './chatState.svelte.ts';
import type { DraftStore } from './draftStore.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { asRillError } from './rillError.ts';
import type { Route } from './route.ts';
import type { Router } from './router.svelte.ts';

export type WorkspaceClient = ChatClient &
  Pick<
    RillClient,
    | 'listProjects'
    | 'createProject'
    | 'updateProject'
    | 'deleteProject'
    | 'listChats'
    | 'deleteChat'
    | 'listModels'
    | 'signIn'
    | 'signOut'
  >;

export interface WorkspaceStateOptions {
  readonly client: WorkspaceClient;
  readonly router: Router;
  readonly drafts: DraftStore;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly onNotice: (notice: ChatNotice) => void;
  /** Whether this browser signed in; the cookie itself cannot be read by the page. */
  readonly signInFlag: { value: boolean };
}

/** Whether there is anything to work with: `unreachable` and `signed-out` each have their own screen. */
export type WorkspaceAccess = 'loading' | 'ready' | 'signed-out' | { readonly unreachable: string };

/** How often chats that run out of sight are looked at, in milliseconds. */
const runningPollMs = 5000;
/** Chats of one project that the sidebar shows; the server's own limit of one page. */
const maxChats = 500;

export class WorkspaceState {
  access = $state.raw<WorkspaceAccess>('loading');
  projects = $state.raw<readonly Project[]>([]);
  chatsByProject = $state.raw<Readonly<Record<string, readonly Chat[]>>>({});
  modelList = $state.raw<ModelList | null>(null);
  current = $state.raw<ChatState | null>(null);
  /** One sentence about an action of the sidebar that failed. */
  problem = $state<string | null>(null);
  isSignedIn = $state(false);
  readonly #options: WorkspaceStateOptions;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;

  constructor(options: WorkspaceStateOptions) {
    this.#options = options;
    this.isSignedIn = options.signInFlag.value;
    options.router.onNavigate = (route) => this.#open(route);
  }

  /** The model of the shown chat, as far as it is known by name. */
  readonly currentModelId = $derived.by(() => {
    const project = this.projects.find(({ id }) => id === this.current?.projectId);
    return this.current?.model ?? project?.defaultModel ?? this.modelList?.defaultModel ?? null;
  });
  readonly currentModel: Model | null = $derived(
    this.modelList?.models.find(({ id }) => id === this.currentModelId) ?? null,
  );

  /** Loads everything the first screen needs. Called again after sign-in and by Retry. */
  async start(): Promise<void> {
    this.access = 'loading';
    const { client, router } = this.#options;
    // An addressed chat does not wait for the lists: its text is what the reader came for.
    if (router.route.name === 'chat') this.#open(router.route);
    try {
      const [{ projects }] = await Promise.all([client.listProjects(), this.#loadModels()]);
      this.projects = projects;
      const lists = await Promise.all(
        projects.map((project) => client.listChats({ projectId: project.id, limit: maxChats })),
      );
      this.chatsByProject = Object.fromEntries(
        projects.map(({ id }, index) => [id, lists[index]?.chats ?? []]),
      );
      this.access = 'ready';
      if (router.route.name !== 'chat') this.#open(router.route);
      this.#pollRunning();
    } catch (error) {
      this.#failStart(error);
    }
  }

  async signIn(token: string): Promise<void> {
    await this.#options.client.signIn({ token });
    this.#setSignedIn(true);
    await this.start();
  }

  async signOut(): Promise<void> {
    await this.#attempt(async () => {
      await this.#options.client.signOut();
      this.#setSignedIn(false);
      this.#forget();
      this.#askForSignIn();
    });
  }

  /** Shows what a link leads to. */
  open(route: Route): void {
    this.#options.router.push(route);
  }

  newChat(projectId = this.current?.projectId ?? this.projects[0]?.id): void {
    if (projectId) this.#options.router.push({ name: 'new-chat', projectId });
  }

  async createProject(name: string): Promise<void> {
    await this.#attempt(async () => {
      const project = await this.#options.client.createProject({ name });
      this.projects = [...this.projects, project];
      this.chatsByProject = { ...this.chatsByProject, [project.id]: [] };
      this.newChat(project.id);
    });
  }

  async renameProject(projectId: string, name: string): Promise<void> {
    await this.#attempt(async () => {
      const changed = await this.#options.client.updateProject({ projectId, name });
      this.projects = this.projects.map((project) => (project.id === projectId ? changed : project));
    });
  }

  async deleteProject(projectId: string): Promise<void> {
    await this.#attempt(async () => {
      await this.#options.client.deleteProject({ projectId });
      this.projects = this.projects.filter((project) => project.id !== projectId);
      const { [projectId]: _deleted, ...rest } = this.chatsByProject;
      this.chatsByProject = rest;
      if (this.current?.projectId === projectId) this.#options.router.push({ name: 'home' });
    });
  }

  async renameChat(chat: Chat, title: string): Promise<void> {
    if (this.current?.chatId === chat.id) return this.current.rename(title);
    await this.#attempt(async () => {
      const { projectId, id: chatId } = chat;
      this.#keep(await this.#options.client.updateChat({ projectId, chatId, title }));
    });
  }

  async deleteChat(chat: Chat): Promise<void> {
    await this.#attempt(async () => {
      const { projectId, id: chatId } = chat;
      await this.#options.client.deleteChat({ projectId, chatId });
      this.#setChats(projectId, (chats) => chats.filter(({ id }) => id !== chatId));
      if (this.current?.chatId === chatId) this.newChat(projectId);
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#pollTimer);
    this.current?.dispose();
    this.#options.router.dispose();
  }

  #setSignedIn(isSignedIn: boolean): void {
    this.isSignedIn = isSignedIn;
    this.#options.signInFlag.value = isSignedIn;
  }

  /** The session is over; what is shown stays, for the next one. */
  #askForSignIn(): void {
    this.access = 'signed-out';
    clearTimeout(this.#pollTimer);
  }

  /** Nothing of the chats stays on the page; unsent text stays in the draft store. */
  #forget(): void {
    this.current?.dispose();
    this.current = null;
    this.projects = [];
    this.chatsByProject = {};
    this.modelList = null;
  }

  #open(route: Route): void {
    if (route.name === 'home') this.#openNewest();
    else this.#openChat(route.projectId, route.name === 'chat' ? route.chatId : null);
  }

  #openChat(projectId: string, chatId: string | null): void {
    if (this.current && this.current.projectId === projectId && this.current.chatId === chatId) {
      // Asked for again, as after a sign-in: the state stays, with what was written, and catches up with the server.
      if (!this.current.isRunning) void this.current.load();
      return;
    }
    this.current?.dispose();
    this.current = this.#createChat(projectId, chatId);
    if (chatId) void this.current.load();
    this.#pollRunning();
  }

  /** The newest chat of all, else an empty one in the first project. */
  #openNewest(): void {
    const [newest] = Object.values(this.chatsByProject)
      .flat()
      .sort((first, second) => second.updatedAtMs - first.updatedAtMs);
    const [project] = this.projects;
    const { router } = this.#options;
    if (newest) {
      router.replace({ name: 'chat', projectId: newest.projectId, chatId: newest.id });
      this.#openChat(newest.projectId, newest.id);
    } else if (project) {
      router.replace({ name: 'new-chat', projectId: project.id });
      this.#openChat(project.id, null);
    } else {
      this.current?.dispose();
      this.current = null;
    }
  }

  #createChat(projectId: string, chatId: string | null): ChatState {
    const { client, drafts, scheduleFrame, nowMs, newId, onNotice, router } = this.#options;
    return createChatState({
      client,
      projectId,
      chatId,
      drafts,
      scheduleFrame,
      nowMs,
      newId,
      onNotice,
      onChatChanged: (chat) => {
        this.#keep(chat);
        const isShown = this.current?.chatId === chat.id;
        if (isShown && router.route.name === 'new-chat')
          router.replace({ name: 'chat', projectId, chatId: chat.id });
      },
      onRunEnded: () => void this.#refreshChats(projectId),
      onUnauthorized: () => this.#askForSignIn(),
    });
  }

  #keep(chat: Chat): void {
    this.#setChats(chat.projectId, (chats) =>
      chats.some(({ id }) => id === chat.id)
        ? chats.map((other) => (other.id === chat.id ? chat : other))
        : [chat, ...chats],
    );
  }

  #setChats(projectId: string, change: (chats: readonly Chat[]) => readonly Chat[]): void {
    const chats = this.chatsByProject[projectId];
    // Lists that are still on their way bring the change with them.
    if (chats) this.chatsByProject = { ...this.chatsByProject, [projectId]: change(chats) };
  }

  async #loadModels(): Promise<void> {
    try {
      this.modelList = await this.#options.client.listModels();
    } catch {
      // The server still knows its default model; only the picker stays empty. A server that is down or asks for a
      // sign-in says so to the project list, which is loaded at the same time.
    }
  }

  #failStart(error: unknown): void {
    const failure = asRillError(error);
    if (failure.code === 'unauthorized') this.#askForSignIn();
    else this.access = { unreachable: failure.message };
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await action();
    } catch (error) {
      const failure = asRillError(error);
      if (failure.code === 'unauthorized') this.#askForSignIn();
      this.problem = failure.message;
      this.#options.onNotice({ type: 'failure', message: failure.message });
    }
  }

  async #refreshChats(projectId: string): Promise<void> {
    try {
      const { chats } = await this.#options.client.listChats({ projectId, limit: maxChats });
      this.#setChats(projectId, () => chats);
    } catch (error) {
      // Otherwise only the order and the dots of the sidebar are late; the next refresh brings them.
      if (asRillError(error).code === 'unauthorized') this.#askForSignIn();
    }
  }

  /** Chats that run out of sight have no stream here, so their dots are refreshed until all have ended. */
  #pollRunning(): void {
    clearTimeout(this.#pollTimer);
    if (this.#isDisposed || this.access !== 'ready') return;
    const isRunningElsewhere = (chat: Chat) => chat.activeRunId !== null && chat.id !== this.current?.chatId;
    const projectIds = Object.entries(this.chatsByProject)
      .filter(([, chats]) => chats.some(isRunningElsewhere))
      .map(([projectId]) => projectId);
    if (projectIds.length === 0) return;
    this.#pollTimer = setTimeout(async () => {
      await Promise.all(projectIds.map((projectId) => this.#refreshChats(projectId)));
      this.#pollRunning();
    }, runningPollMs);
  }
}

export function createWorkspaceState(options: WorkspaceStateOptions): WorkspaceState {
  return new WorkspaceState(options);
}
