/**
 * Holds the projects and chats that the sidebar shows: the newest chats of each, and older ones on request, kept up to
 * date by local actions and by the feed.
 * Invariant: a change that arrives while the lists are being read is not undone when they arrive, and every chat can be
 * reached, however many there are.
 */
import type { RillClient } from '@rill/client/source';
import type { Chat, FeedEvent, Project } from '@rill/protocol';
import { LatestRequest } from '../latestRequest.ts';
import { chatPageSize } from './chatPageSize.ts';

interface Lists {
  readonly projects: readonly Project[];
  /** Pinned chats of all projects, the last pinned first. */
  readonly pinned: readonly Chat[];
  readonly chatsByProject: Readonly<Record<string, readonly Chat[]>>;
  /** The page token of the older chats of a project that were not read; absent when there are none. */
  readonly pageTokens: Readonly<Record<string, string>>;
}

export interface WorkspaceListsOptions {
  readonly client: Pick<RillClient, 'listProjects' | 'listChats' | 'listMarkedChats'>;
  readonly onFailure: (error: unknown) => void;
}

/** Pins that are shown. */
const maxPins = 500;
const noLists: Lists = { projects: [], pinned: [], chatsByProject: {}, pageTokens: {} };

export class WorkspaceLists {
  #lists = $state.raw<Lists>(noLists);
  readonly #reading: LatestRequest<Lists>;
  /** Changes since the current lists were requested. They may already be included; applied twice, they stay correct. */
  #changes: ((lists: Lists) => Lists)[] = [];
  readonly #client: WorkspaceListsOptions['client'];
  readonly #onFailure: WorkspaceListsOptions['onFailure'];
  readonly #deletedIds = new Set<string>();
  readonly #loading = new Set<string>();

  constructor({ client, onFailure }: WorkspaceListsOptions) {
    this.#client = client;
    this.#onFailure = onFailure;
    this.#reading = new LatestRequest({
      read: (signal) => {
        this.#changes = [];
        // As many as are shown, so that reading again removes none.
        const countOf = (projectId: string) => this.chatsByProject[projectId]?.length ?? 0;
        return readLists(client, countOf, signal);
      },
      onAnswer: (lists) => {
        this.#lists = this.#changes.reduce((changed, change) => change(changed), lists);
      },
      onFailure,
    });
  }

  get projects(): readonly Project[] {
    return this.#lists.projects;
  }

  get pinned(): readonly Chat[] {
    return this.#lists.pinned;
  }

  get chatsByProject(): Readonly<Record<string, readonly Chat[]>> {
    return this.#lists.chatsByProject;
  }

  /** True when the project has chats that were not read. */
  hasMoreChats(projectId: string): boolean {
    return this.#lists.pageTokens[projectId] !== undefined;
  }

  /** Reads the next older chats of a project. */
  async loadMoreChats(projectId: string): Promise<void> {
    const pageToken = this.#lists.pageTokens[projectId];
    if (pageToken === undefined || this.#loading.has(projectId)) return;
    this.#loading.add(projectId);
    try {
      const page = await this.#client.listChats({ projectId, limit: chatPageSize, pageToken });
      this.#change((lists) => withPage(lists, projectId, page, this.#deletedIds));
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#loading.delete(projectId);
    }
  }

  /** Resolves when the lists are no older than this call, or reading failed. */
  async read(): Promise<void> {
    await this.#reading.read();
  }

  /** Applies a change that was made here or elsewhere. */
  takeNews(event: FeedEvent): void {
    if (event.type === 'project-change') this.keepProject(event.data.project);
    else if (event.type === 'project-delete') this.dropProject(event.data.projectId);
    else if (event.type === 'chat-change') this.keepChat(event.data.chat);
    else if (event.type === 'chat-delete') this.dropChats([event.data.chatId]);
  }

  keepProject(project: Project): void {
    this.#change(({ projects, chatsByProject, ...rest }) => ({
      ...rest,
      projects: replaced(projects, project) ?? [...projects, project],
      chatsByProject: { [project.id]: [], ...chatsByProject },
    }));
  }

  dropProject(projectId: string): void {
    this.#change(
      ({ projects, pinned, chatsByProject: { [projectId]: _dropped, ...chatsByProject }, ...rest }) => ({
        ...rest,
        projects: projects.filter(({ id }) => id !== projectId),
        pinned: pinned.filter((chat) => chat.projectId !== projectId),
        chatsByProject,
      }),
    );
  }

  keepChat(chat: Chat): void {
    this.keepChats([chat]);
  }

  /** Adds each chat to the lists that it belongs to, and removes it from all others. */
  keepChats(chats: readonly Chat[]): void {
    for (const { id } of chats) this.#deletedIds.delete(id);
    this.#change((lists) => withChats(lists, chats));
  }

  /** Restores deleted chats. Newer events of the feed about them are kept. */
  keepRestored(chats: readonly Chat[]): void {
    const { pinned, chatsByProject } = this.#lists;
    const listed = new Set([pinned, ...Object.values(chatsByProject)].flat().map(({ id }) => id));
    this.keepChats(chats.filter(({ id }) => !listed.has(id)));
  }

  dropChats(chatIds: readonly string[]): void {
    for (const id of chatIds) this.#deletedIds.add(id);
    this.#change((lists) => withoutChats(lists, new Set(chatIds)));
  }

  /** Nothing stays on the page. */
  forget(): void {
    this.#change(() => noLists);
  }

  dispose(): void {
    this.#reading.dispose();
  }

  #change(change: (lists: Lists) => Lists): void {
    this.#changes.push(change);
    this.#lists = change(this.#lists);
  }
}

type ChatPage = Awaited<ReturnType<WorkspaceListsOptions['client']['listChats']>>;

async function readLists(
  client: WorkspaceListsOptions['client'],
  countOf: (projectId: string) => number,
  signal: AbortSignal,
): Promise<Lists> {
  const [{ projects }, { chats: pinned }] = await Promise.all([
    client.listProjects({ signal }),
    client.listMarkedChats({ mark: 'pinned', limit: maxPins, signal }),
  ]);
  const pages = await Promise.all(
    projects.map(({ id }) => readChats(client, id, Math.max(1, countOf(id)), signal)),
  );
  const chatsByProject: Record<string, readonly Chat[]> = {};
  const pageTokens: Record<string, string> = {};
  for (const [index, { id }] of projects.entries()) {
    const page = pages[index];
    chatsByProject[id] = page?.chats ?? [];
    if (page?.nextPageToken) pageTokens[id] = page.nextPageToken;
  }
  return { projects, pinned, chatsByProject, pageTokens };
}

/** At least `count` chats of a project, newest first, or all that it has. */
async function readChats(
  client: WorkspaceListsOptions['client'],
  projectId: string,
  count: number,
  signal: AbortSignal,
): Promise<ChatPage> {
  const chats: Chat[] = [];
  let nextPageToken: string | null = null;
  do {
    const from = nextPageToken === null ? {} : { pageToken: nextPageToken };
    const page: ChatPage = await client.listChats({ projectId, limit: chatPageSize, ...from, signal });
    chats.push(...page.chats);
    ({ nextPageToken } = page);
  } while (nextPageToken !== null && chats.length < count);
  return { chats, nextPageToken };
}

/** Appends older chats. What is known of one already is newer than the page. */
function withPage(
  lists: Lists,
  projectId: string,
  { chats, nextPageToken }: ChatPage,
  deletedIds: ReadonlySet<string>,
): Lists {
  const known = lists.chatsByProject[projectId];
  if (!known) return lists;
  const knownIds = new Set(known.map(({ id }) => id));
  const older = chats.filter(({ id }) => !knownIds.has(id) && !deletedIds.has(id));
  const { [projectId]: _used, ...pageTokens } = lists.pageTokens;
  return {
    ...lists,
    chatsByProject: { ...lists.chatsByProject, [projectId]: [...known, ...older] },
    pageTokens: nextPageToken === null ? pageTokens : { ...pageTokens, [projectId]: nextPageToken },
  };
}

const isListed = ({ archivedAtMs, isTemporary }: Chat) => archivedAtMs === null && !isTemporary;

function withChats(lists: Lists, chats: readonly Chat[]): Lists {
  const byProject = Map.groupBy(chats.filter(isListed), ({ projectId }) => projectId);
  /** The project in whose list each of them is; null for none. */
  const homes = new Map(chats.map((chat) => [chat.id, isListed(chat) ? chat.projectId : null]));
  const chatsByProject = Object.fromEntries(
    Object.entries(lists.chatsByProject).map(([projectId, known]) => {
      const own = byProject.get(projectId) ?? [];
      const rest = known.filter(({ id }) => !homes.has(id) || homes.get(id) === projectId);
      return [projectId, rest.length === known.length && own.length === 0 ? known : replacedAll(rest, own)];
    }),
  );
  const isPinned = ({ pinnedAtMs, archivedAtMs }: Chat) => pinnedAtMs !== null && archivedAtMs === null;
  const pinned = replacedAll(
    lists.pinned.filter(({ id }) => !homes.has(id)),
    chats.filter(isPinned),
  ).sort((one, other) => (other.pinnedAtMs ?? 0) - (one.pinnedAtMs ?? 0));
  return { ...lists, chatsByProject, pinned };
}

function withoutChats(lists: Lists, ids: ReadonlySet<string>): Lists {
  const without = (chats: readonly Chat[]) =>
    chats.some(({ id }) => ids.has(id)) ? chats.filter(({ id }) => !ids.has(id)) : chats;
  const chatsByProject = Object.fromEntries(
    Object.entries(lists.chatsByProject).map(([projectId, chats]) => [projectId, without(chats)]),
  );
  return { ...lists, chatsByProject, pinned: without(lists.pinned) };
}

/** The list with these items in place of those with their ids; new ones come first. */
function replacedAll(known: readonly Chat[], chats: readonly Chat[]): Chat[] {
  const byId = new Map(chats.map((chat) => [chat.id, chat]));
  const kept = known.map((chat) => byId.get(chat.id) ?? chat);
  const knownIds = new Set(known.map(({ id }) => id));
  return [...chats.filter(({ id }) => !knownIds.has(id)), ...kept];
}

/** The list with this item in place of the one with its id; null when there is none. */
function replaced<Item extends { readonly id: string }>(items: readonly Item[], item: Item): Item[] | null {
  return items.some(({ id }) => id === item.id)
    ? items.map((other) => (other.id === item.id ? item : other))
    : null;
}
