/**
 * The projects and their chats, as the sidebar shows them. Read whole, then kept up to date by what is done here and
 * by the feed.
 * Invariant: a change that comes while the lists are on their way is not undone when they arrive.
 */
import type { RillClient } from '@rill/client';
import type { Chat, FeedEvent, Project } from '@rill/protocol';
import { createFreshRead, type FreshRead } from './freshRead.ts';

interface Lists {
  readonly projects: readonly Project[];
  readonly chatsByProject: Readonly<Record<string, readonly Chat[]>>;
}

export interface WorkspaceListsOptions {
  readonly client: Pick<RillClient, 'listProjects' | 'listChats'>;
  readonly onFailure: (error: unknown) => void;
}

/** Chats of one project that the sidebar shows; the server's own limit of one page. */
const maxChats = 500;
const noLists: Lists = { projects: [], chatsByProject: {} };

export class WorkspaceLists {
  #lists = $state.raw<Lists>(noLists);
  readonly #reading: FreshRead<Lists>;
  /** Changes since the lists under way were asked for. They may or may not be in them; applied twice, they stay right. */
  #changes: ((lists: Lists) => Lists)[] = [];

  constructor({ client, onFailure }: WorkspaceListsOptions) {
    this.#reading = createFreshRead({
      read: (signal) => {
        this.#changes = [];
        return readLists(client, signal);
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

  get chatsByProject(): Readonly<Record<string, readonly Chat[]>> {
    return this.#lists.chatsByProject;
  }

  /** Resolves when the lists are no older than this call, or reading failed. */
  async read(): Promise<void> {
    await this.#reading.read();
  }

  /** What happened here or elsewhere. */
  takeNews(event: FeedEvent): void {
    if (event.type === 'project-change') this.keepProject(event.data.project);
    else if (event.type === 'project-delete') this.dropProject(event.data.projectId);
    else if (event.type === 'chat-change') this.keepChat(event.data.chat);
    else if (event.type === 'chat-delete') this.dropChat(event.data);
  }

  keepProject(project: Project): void {
    this.#change(({ projects, chatsByProject }) => ({
      projects: replaced(projects, project) ?? [...projects, project],
      chatsByProject: { [project.id]: [], ...chatsByProject },
    }));
  }

  dropProject(projectId: string): void {
    this.#change(({ projects, chatsByProject: { [projectId]: _dropped, ...chatsByProject } }) => ({
      projects: projects.filter(({ id }) => id !== projectId),
      chatsByProject,
    }));
  }

  keepChat(chat: Chat): void {
    this.#changeChats(chat.projectId, (chats) => replaced(chats, chat) ?? [chat, ...chats]);
  }

  dropChat({ projectId, chatId }: { readonly projectId: string; readonly chatId: string }): void {
    this.#changeChats(projectId, (chats) => chats.filter(({ id }) => id !== chatId));
  }

  /** Nothing stays on the page. */
  forget(): void {
    this.#change(() => noLists);
  }

  dispose(): void {
    this.#reading.dispose();
  }

  #changeChats(projectId: string, change: (chats: readonly Chat[]) => readonly Chat[]): void {
    this.#change(({ projects, chatsByProject }) => {
      const chats = chatsByProject[projectId];
      return chats
        ? { projects, chatsByProject: { ...chatsByProject, [projectId]: change(chats) } }
        : { projects, chatsByProject };
    });
  }

  #change(change: (lists: Lists) => Lists): void {
    this.#changes.push(change);
    this.#lists = change(this.#lists);
  }
}

export function createWorkspaceLists(options: WorkspaceListsOptions): WorkspaceLists {
  return new WorkspaceLists(options);
}

async function readLists(client: WorkspaceListsOptions['client'], signal: AbortSignal): Promise<Lists> {
  const { projects } = await client.listProjects({ signal });
  const pages = await Promise.all(
    projects.map(({ id }) => client.listChats({ projectId: id, limit: maxChats, signal })),
  );
  const chatsByProject = Object.fromEntries(projects.map(({ id }, index) => [id, pages[index]?.chats ?? []]));
  return { projects, chatsByProject };
}

/** The list with this item in place of the one with its id; null when there is none. */
function replaced<Item extends { readonly id: string }>(items: readonly Item[], item: Item): Item[] | null {
  return items.some(({ id }) => id === item.id)
    ? items.map((other) => (other.id === item.id ? item : other))
    : null;
}
