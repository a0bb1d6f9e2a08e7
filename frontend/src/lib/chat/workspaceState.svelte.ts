/**
 * Projects, their chats, the models, and which chat is shown. The route decides what is shown, and the feed says what
 * happened to it elsewhere; this state follows both.
 */
import type { FeedListener, RillClient } from '@rill/client';
import type { Chat, FeedEvent, Model, ModelList, Project, RillError } from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatClient, type ChatState, createChatState } from './chatState.svelte.ts';
import type { DraftStore } from './draftStore.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { asRillError } from './rillError.ts';
import type { Route } from './route.ts';
import type { Router } from './router.svelte.ts';
import type { StoredText } from './storedText.ts';
import { createWorkspaceLists, type WorkspaceLists } from './workspaceLists.svelte.ts';

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
  /** The run that this tab started last, also before a reload. */
  readonly ownRunId: StoredText;
  /** Tells of what happens from the call on, here and elsewhere; the returned function ends it. */
  readonly followFeed: (listener: FeedListener) => () => void;
}

/** Whether there is anything to work with: `unreachable` and `signed-out` each have their own screen. */
export type WorkspaceAccess = 'loading' | 'ready' | 'signed-out' | { readonly unreachable: string };

export class WorkspaceState {
  access = $state.raw<WorkspaceAccess>('loading');
  modelList = $state.raw<ModelList | null>(null);
  current = $state.raw<ChatState | null>(null);
  /** One sentence about an action of the sidebar that failed. */
  problem = $state<string | null>(null);
  isSignedIn = $state(false);
  readonly #options: WorkspaceStateOptions;
  readonly #lists: WorkspaceLists;
  /** Chats and projects that are being deleted here, where what follows is decided. */
  readonly #deleting = new Set<string>();
  #unfollow: () => void = () => undefined;
  /** True once the feed has begun. */
  #hasHeard = false;

  constructor(options: WorkspaceStateOptions) {
    this.#options = options;
    this.isSignedIn = options.signInFlag.value;
    options.router.onNavigate = (route) => this.#open(route);
    this.#lists = createWorkspaceLists({
      client: options.client,
      onFailure: (error) => this.#failReading(asRillError(error)),
    });
  }

  get projects(): readonly Project[] {
    return this.#lists.projects;
  }

  get chatsByProject(): Readonly<Record<string, readonly Chat[]>> {
    return this.#lists.chatsByProject;
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
    const { router } = this.#options;
    // First of all, so that nothing can happen between what is read and what is told.
    this.#followFeed();
    // An addressed chat does not wait for the lists: its text is what the reader came for.
    if (router.route.name === 'chat') this.#open(router.route);
    await Promise.all([this.#lists.read(), this.#loadModels()]);
    if (this.#isStartOver()) return;
    this.access = 'ready';
    if (router.route.name !== 'chat') this.#open(router.route);
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
      this.#lists.keepProject(project);
      this.newChat(project.id);
    });
  }

  async renameProject(projectId: string, name: string): Promise<void> {
    await this.#attempt(async () => {
      this.#lists.keepProject(await this.#options.client.updateProject({ projectId, name }));
    });
  }

  async deleteProject(projectId: string): Promise<void> {
    await this.#delete(projectId, async () => {
      await this.#options.client.deleteProject({ projectId });
      this.#lists.dropProject(projectId);
      if (this.current?.projectId === projectId) this.#options.router.push({ name: 'home' });
    });
  }

  async renameChat(chat: Chat, title: string): Promise<void> {
    if (this.current?.chatId === chat.id) return this.current.rename(title);
    await this.#attempt(async () => {
      const { projectId, id: chatId } = chat;
      this.#lists.keepChat(await this.#options.client.updateChat({ projectId, chatId, title }));
    });
  }

  async deleteChat(chat: Chat): Promise<void> {
    const { projectId, id: chatId } = chat;
    await this.#delete(chatId, async () => {
      await this.#options.client.deleteChat({ projectId, chatId });
      this.#lists.dropChat({ projectId, chatId });
      if (this.current?.chatId === chatId) this.newChat(projectId);
    });
  }

  dispose(): void {
    this.#unfollow();
    this.#lists.dispose();
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
    this.#unfollow();
  }

  /** Nothing of the chats stays on the page; unsent text stays in the draft store. */
  #forget(): void {
    this.current?.dispose();
    this.current = null;
    this.#lists.forget();
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
    const { router } = this.#options;
    return createChatState({
      ...this.#options,
      projectId,
      chatId,
      onChatChanged: (chat) => {
        this.#lists.keepChat(chat);
        const isShown = this.current?.chatId === chat.id;
        if (isShown && router.route.name === 'new-chat')
          router.replace({ name: 'chat', projectId, chatId: chat.id });
      },
      onUnauthorized: () => this.#askForSignIn(),
    });
  }

  #followFeed(): void {
    this.#unfollow();
    this.#hasHeard = false;
    this.#unfollow = this.#options.followFeed({
      onEvent: (event) => this.#takeNews(event),
      onFailure: (error) => this.#failReading(error),
    });
  }

  #takeNews(event: FeedEvent): void {
    if (event.type === 'feed-start') {
      if (!event.data.isWhole) void (this.#hasHeard ? this.#readAgain() : this.#catchUp());
      this.#hasHeard = true;
      return;
    }
    this.#lists.takeNews(event);
    if (this.current) this.#tellChat(this.current, event);
  }

  #tellChat(current: ChatState, event: FeedEvent): void {
    const { chatId, projectId } = current;
    if (event.type === 'chat-change' && event.data.chat.id === chatId) current.takeChange(event.data.chat);
    if (event.type === 'message-change' && event.data.chatId === chatId && event.data.usage)
      current.takeUsage(event.data.messageId, event.data.usage);
    const deletedId =
      (event.type === 'chat-delete' && event.data.chatId === chatId && chatId) ||
      (event.type === 'project-delete' && event.data.projectId === projectId && projectId);
    if (deletedId && !this.#deleting.has(deletedId)) current.takeDeletion();
  }

  /** Something may have been missed. */
  async #readAgain(): Promise<void> {
    await Promise.all([this.#lists.read(), this.current?.load()]);
  }

  /** The same for the moment between what was read first and the first news: the lists tell whether the chat changed. */
  async #catchUp(): Promise<void> {
    await this.#lists.read();
    const { current } = this;
    const listed = this.chatsByProject[current?.projectId ?? '']?.find(({ id }) => id === current?.chatId);
    if (!listed || !current?.isAsListed(listed)) await current?.load();
  }

  async #loadModels(): Promise<void> {
    try {
      this.modelList = await this.#options.client.listModels();
    } catch {
      // The server still knows its default model; only the picker stays empty. A server that is down or asks for a
      // sign-in says so to the project list, which is loaded at the same time.
    }
  }

  /** What is shown stays; there is nothing to show yet only at the start. */
  #failReading(failure: RillError): void {
    if (failure.code === 'unauthorized') this.#askForSignIn();
    else if (this.access === 'ready') this.problem = failure.message;
    else this.access = { unreachable: failure.message };
  }

  /** True when the start ended otherwise: it failed, or asks for a sign-in. */
  #isStartOver(): boolean {
    return this.access !== 'loading';
  }

  async #delete(id: string, action: () => Promise<void>): Promise<void> {
    this.#deleting.add(id);
    await this.#attempt(action);
    this.#deleting.delete(id);
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
}

export function createWorkspaceState(options: WorkspaceStateOptions): WorkspaceState {
  return new WorkspaceState(options);
}
