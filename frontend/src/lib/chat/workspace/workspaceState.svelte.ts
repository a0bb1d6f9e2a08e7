/** Holds projects, chats, models, and which chat the route shows. The feed reports changes made elsewhere. */
import type { Chat, FeedEvent, Model, ModelList, Project, RillError } from '@rill/protocol';
import type { ChatRef } from '../chatRecord.svelte.ts';
import { ChatState } from '../chatState.svelte.ts';
import type { Route } from '../navigation/route.ts';
import { asRillError } from '../rillError.ts';
import { modelOfNewChat } from '../storage/lastModel.ts';
import { withUnsent } from '../unsent/unsentChats.ts';
import { takeUnsentNews } from '../unsent/unsentNews.ts';
import type { UnsentStore } from '../unsent/unsentStore.svelte.ts';
import { WaitingChats } from '../unsent/waitingChats.ts';
import { ChatActs, type ChatActsOptions } from './acts/chatActs.svelte.ts';
import { ModelActs } from './acts/modelActs.ts';
import { ProjectActs } from './acts/projectActs.ts';
import { TemporaryActs } from './acts/temporaryActs.svelte.ts';
import { firstRoute } from './newestChat.ts';
import { openOffline, type WorkspaceAccess } from './offlineStart.ts';
import { ServerLink } from './serverLink.svelte.ts';
import { isAsListed, ShownChat } from './shownChat.svelte.ts';
import { tellChat } from './tellChat.ts';
import { WorkspaceAttempts } from './workspaceAttempts.svelte.ts';
import { WorkspaceFeed } from './workspaceFeed.ts';
import { WorkspaceLists } from './workspaceLists.svelte.ts';
import type { WorkspaceClient, WorkspaceStateOptions } from './workspaceOptions.ts';

export type { WorkspaceClient, WorkspaceStateOptions };

export class WorkspaceState {
  access = $state.raw<WorkspaceAccess>('loading');
  modelList = $state.raw<ModelList | null>(null);
  /** What the address names and does not exist; null for nothing. */
  missing = $state<'address' | 'project' | null>(null);
  /** The project whose page is shown; null while a chat or nothing is. */
  projectPageId = $state<string | null>(null);
  isSignedIn = $state(false);
  /** The messages that the server does not have. */
  readonly unsent: UnsentStore;
  readonly #options: WorkspaceStateOptions;
  readonly #lists: WorkspaceLists;
  readonly #attempts: WorkspaceAttempts;
  readonly link: ServerLink;
  /** Pins, the archive and the bin. */
  readonly chatActs: ChatActs;
  readonly temporary: TemporaryActs;
  readonly projectActs: ProjectActs;
  readonly modelActs: ModelActs;
  readonly #waiting: WaitingChats;
  readonly #shown: ShownChat;
  readonly #feed: WorkspaceFeed;
  /** The lists, as they are read because the feed has begun; null until it has. */
  #readSinceBegin: Promise<void> | null = null;
  #isNewChatWanted = false;

  constructor(options: WorkspaceStateOptions) {
    this.#options = options;
    this.unsent = options.unsent;
    this.isSignedIn = options.signInFlag.value;
    this.link = new ServerLink(options);
    this.#attempts = new WorkspaceAttempts({ ...options, onUnauthorized: () => this.#askForSignIn() });
    this.#waiting = new WaitingChats({
      unsent: options.unsent,
      create: ({ projectId, chatId }) => this.#createChat(projectId, chatId),
      current: () => this.current,
    });
    this.#shown = new ShownChat({
      waiting: this.#waiting,
      create: (projectId, chatId) => this.#createChat(projectId, chatId),
      read: (request) => options.client.getChat(request),
    });
    options.router.onNavigate = (route) => this.#open(route);
    const onFailure = (error: unknown) => this.#failReading(asRillError(error));
    this.#lists = new WorkspaceLists({ client: options.client, onFailure });
    this.#feed = new WorkspaceFeed(options, {
      onEvent: (event) => this.#takeNews(event),
      onConnection: (isConnected) => this.link.take(isConnected),
      onFailure: (error) => this.#failReading(error),
    });
    const acts: ChatActsOptions = {
      ...options,
      lists: this.#lists,
      attempt: (action) => this.#attempts.run(action),
      leave: (chats) => this.#leave(chats),
      reopen: ({ projectId, id: chatId }) => this.open({ name: 'chat', projectId, chatId }),
    };
    this.chatActs = new ChatActs(acts);
    this.temporary = new TemporaryActs({ ...options, ...acts, client: options.client });
    this.modelActs = new ModelActs({
      ...acts,
      client: options.client,
      list: () => this.modelList,
      show: (list) => (this.modelList = list),
      read: () => this.#loadModels(),
    });
    this.projectActs = new ProjectActs({
      ...acts,
      client: options.client,
      lists: this.#lists,
      attemptDeletion: (id, action) => this.#attempts.delete(id, action),
      newChat: (projectId) => this.newChat(projectId),
      leaveProject: (projectId) => void (this.#shownId === projectId && this.open({ name: 'home' })),
    });
  }

  /** One sentence about an action of the sidebar that failed. */
  get problem(): string | null {
    return this.#attempts.problem;
  }

  set problem(sentence: string | null) {
    this.#attempts.problem = sentence;
  }

  get current(): ChatState | null {
    return this.#shown.current;
  }

  /** The chat whose text is on the page: the previous one, until that of the current one has been loaded. */
  get inView(): ChatState | null {
    return this.#shown.inView;
  }

  /** True while the chat in view is being left for another: nothing more is written or sent in it. */
  get isLeaving(): boolean {
    return this.temporary.isStarting || this.inView !== this.current;
  }

  get projects(): readonly Project[] {
    return this.#lists.projects;
  }

  /** Pinned chats of all projects, the last pinned first. */
  get pinned(): readonly Chat[] {
    return this.#lists.pinned;
  }

  get chatsByProject(): Readonly<Record<string, readonly Chat[]>> {
    return withUnsent(this.#lists.chatsByProject, this.unsent.all);
  }

  /** True when the project has chats that are not in `chatsByProject`. */
  hasMoreChats(projectId: string): boolean {
    return this.#lists.hasMoreChats(projectId);
  }

  loadMoreChats(projectId: string): Promise<void> {
    return this.#lists.loadMoreChats(projectId);
  }

  readonly #shownId = $derived(this.current?.projectId ?? this.projectPageId);
  /** None also where the address names a project that does not exist. */
  readonly #shownProject = $derived(this.projects.find(({ id }) => id === this.#shownId));
  readonly #projectOfNewChat = $derived(
    this.#shownProject?.id ??
      (this.access === 'ready' ? this.projects[0]?.id : this.current?.projectId) ??
      null,
  );
  /** The model of the shown chat, as far as it is known by name. */
  readonly currentModelId = $derived.by(() => {
    return this.current?.model ?? this.#shownProject?.defaultModel ?? this.modelList?.defaultModel ?? null;
  });
  readonly currentModel: Model | null = $derived(
    this.modelList?.models.find(({ id }) => id === this.currentModelId) ?? null,
  );

  /** Loads everything the first screen needs. Called again after sign-in and by Retry. */
  async start(): Promise<void> {
    this.access = 'loading';
    const { router } = this.#options;
    this.#readSinceBegin = null;
    // Before everything else, so that no change is missed between reading and the first event.
    const feedBegun = this.#feed.follow();
    // A chat in the address does not wait for the lists: its text is what the reader wants.
    if (router.route.name === 'chat') this.#open(router.route);
    const models = this.#loadModels();
    // Lists that were requested before the feed began would have to be read again.
    await feedBegun;
    await Promise.all([this.#readSinceBegin ?? this.#lists.read(), models]);
    // Otherwise it failed, or requires a sign-in.
    if ((this.access as WorkspaceAccess) !== 'loading') return;
    this.access = 'ready';
    if (this.#isNewChatWanted) this.newChat();
    else if (router.route.name !== 'chat') this.#open(router.route);
  }

  async signIn(token: string): Promise<void> {
    await this.#options.client.signIn({ token });
    this.#setSignedIn(true);
    await this.start();
  }

  async signOut(options: { everywhere?: boolean } = {}): Promise<void> {
    await this.#attempts.run(async () => {
      await this.#options.client.signOut(options);
      this.#setSignedIn(false);
      this.#forget();
      this.#askForSignIn();
    });
  }

  /** The address of a route, for a link. */
  hrefOf(route: Route): string {
    return this.#options.router.hrefOf(route);
  }

  open(route: Route): void {
    this.#options.router.push(route);
  }

  /** The chat will probably be opened: its text is read now. With null none will. */
  prepare(chat: ChatRef | null): void {
    if (!chat || !this.unsent.find(chat.chatId)) this.#shown.prepare(chat);
  }

  /** A chat that is requested before the projects are known is opened as soon as they are. */
  newChat(projectId = this.#projectOfNewChat): void {
    this.#isNewChatWanted = projectId === null && this.access === 'loading';
    if (projectId) this.#options.router.push({ name: 'new-chat', projectId });
  }

  async newTemporaryChat(): Promise<void> {
    await this.temporary.start(this.#projectOfNewChat);
  }

  async renameChat(chat: Chat, title: string): Promise<void> {
    if (this.current?.chatId === chat.id) return this.current.rename(title);
    await this.#attempts.run(async () => {
      const { projectId, id: chatId } = chat;
      this.#lists.keepChat(await this.#options.client.updateChat({ projectId, chatId, title }));
    });
  }

  /** Also drops the message of it that the server does not have, so it cannot be undone. */
  async deleteChat(chat: Chat): Promise<void> {
    const { projectId, id: chatId } = chat;
    await this.#attempts.delete(chatId, async () => {
      if (this.unsent.find(chatId)?.makesChat) await this.#discard({ projectId, chatId });
      else await this.#options.client.deleteChat({ projectId, chatId });
      this.#waiting.discard(chatId);
      this.#lists.dropChats([chatId]);
      if (this.current?.chatId === chatId) this.newChat(projectId);
    });
  }

  /** The server has nothing of the chat, as far as is known; where it has, the chat is deleted there too. */
  async #discard(chat: ChatRef): Promise<void> {
    this.#waiting.discard(chat.chatId);
    this.#options.drafts.write(chat.chatId, '');
    await this.#options.client.deleteChat(chat).catch(() => undefined);
  }

  dispose(): void {
    this.#feed.stop();
    this.link.dispose();
    this.#lists.dispose();
    this.#waiting.dispose();
    this.unsent.dispose();
    this.#shown.dispose();
    this.#options.router.dispose();
  }

  #setSignedIn(isSignedIn: boolean): void {
    this.isSignedIn = isSignedIn;
    this.#options.signInFlag.value = isSignedIn;
  }

  /** The session is over; what is shown stays, for the next one. */
  #askForSignIn(): void {
    this.access = 'signed-out';
    this.#feed.stop();
  }

  /** Nothing of the chats stays on the page; unsent text stays in the browser's storage. */
  #forget(): void {
    this.#waiting.dispose();
    this.#shown.dispose();
    this.#lists.forget();
    this.#options.lastProject.value = null;
    this.modelList = null;
  }

  #open(route: Route): void {
    this.missing = null;
    this.projectPageId = null;
    if (route.name === 'home') this.#openFirst();
    else if (route.name === 'settings' || route.name === 'usage') this.#openNothing({});
    else if (route.name === 'unknown') this.#openNothing({ missing: 'address' });
    else if (route.name !== 'chat' && this.#isGone(route.projectId))
      this.#openNothing({ missing: 'project' });
    else if (route.name === 'project') this.#openNothing({ projectPageId: route.projectId });
    else this.#shown.open(route.projectId, route.name === 'chat' ? route.chatId : null);
  }

  /** No chat, but what there is in its place. */
  #openNothing(shown: Partial<Pick<WorkspaceState, 'missing' | 'projectPageId'>>): void {
    this.#shown.close();
    Object.assign(this, shown);
  }

  /** True when the lists are loaded and do not contain it. */
  #isGone(projectId: string): boolean {
    return this.access === 'ready' && !this.projects.some(({ id }) => id === projectId);
  }

  #openFirst(): void {
    const route = firstRoute(this.chatsByProject, this.projects);
    if (route) {
      this.#options.router.replace(route);
      this.#shown.open(route.projectId, route.name === 'chat' ? route.chatId : null);
    } else this.#shown.dispose();
  }

  #createChat(projectId: string, chatId: string | null): ChatState {
    const { router } = this.#options;
    this.#options.lastProject.value = projectId;
    return new ChatState({
      ...this.#options,
      client: { ...this.#options.client, getChat: this.#shown.ahead.getChat },
      projectId,
      chatId,
      onNamed: (chatId) => {
        if (router.route.name === 'new-chat') router.replace({ name: 'chat', projectId, chatId });
      },
      waiting: this.#waiting,
      model: chatId === null ? modelOfNewChat(this, this.#options.lastModel, projectId) : null,
      onChatChanged: (chat) => {
        this.#lists.keepChat(chat);
        this.#waiting.release(chat.id);
      },
      onUnauthorized: () => this.#askForSignIn(),
    });
  }

  #takeNews(event: FeedEvent): void {
    takeUnsentNews(this.#options, this.current, event);
    if (event.type === 'feed-start') {
      this.link.takeBuild(event.data.pageBuild);
      this.#waiting.sendNow();
      // The server is back, and there is nothing to show yet.
      if (typeof this.access === 'object' || this.access === 'offline') return void this.start();
      if (!event.data.isWhole) void (this.#feed.hasBegun ? this.#readAgain() : this.#catchUp());
      this.#feed.hasBegun = true;
      return;
    }
    if (event.type === 'models-change') void this.#loadModels();
    this.#lists.takeNews(event);
    this.#shown.ahead.takeNews(event);
    if (!this.current) return;
    tellChat(this.current, event, {
      isDeleting: (id) => this.#attempts.isDeleting(id),
      showAgain: (chat) => this.#showAgain(chat),
    });
  }

  /** The shown chat, if it is one of these; an empty one is shown instead. */
  #leave(chats: readonly Chat[]): Chat | null {
    const shown = chats.find(({ id }) => id === this.current?.chatId);
    if (shown) this.newChat(shown.projectId);
    return shown ?? null;
  }

  /** It was taken out of the bin, or has another address since it was moved. */
  #showAgain({ projectId, id: chatId }: Chat): void {
    this.#shown.close();
    this.#options.router.replace({ name: 'chat', projectId, chatId });
    this.#shown.open(projectId, chatId);
  }

  async #readAgain(): Promise<void> {
    await Promise.all([this.#lists.read(), this.current?.load()]);
  }

  /** As above, for the time between the first read and the first event: the lists show whether the chat changed. */
  async #catchUp(): Promise<void> {
    this.#readSinceBegin = this.#lists.read();
    await this.#readSinceBegin;
    const { current } = this;
    await current?.readingUnderWay;
    const listed = this.chatsByProject[current?.projectId ?? '']?.find(({ id }) => id === current?.chatId);
    if (!listed || !current || !isAsListed(current, listed)) await current?.load();
  }

  async #loadModels(): Promise<void> {
    try {
      this.modelList = await this.#options.client.listModels();
    } catch {
      // Only the picker stays empty. A server that is down or requires a sign-in is reported by the list of projects.
    }
  }

  /** Keeps what is shown; only at the start there is nothing yet. */
  #failReading(failure: RillError): void {
    if (failure.code === 'unauthorized') this.#askForSignIn();
    else if (this.access === 'ready') this.problem = failure.message;
    else
      this.access = openOffline(failure, this.#options, this.#shown)
        ? 'offline'
        : { unreachable: failure.message };
  }
}
