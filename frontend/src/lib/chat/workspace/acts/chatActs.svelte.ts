/**
 * Pins, archives, moves and deletes chats, several at once if needed, and undoes the last action. Each change is shown
 * at once and reverted if the server refuses it.
 */
import type { RillClient } from '@rill/client/source';
import type { Chat } from '@rill/protocol';
import type { StoredChatsClient } from '../storedChatList.svelte.ts';

export interface ChatActsOptions {
  readonly client: StoredChatsClient & Pick<RillClient, 'updateChats' | 'deleteChats' | 'restoreChats'>;
  readonly lists: {
    keepChats(chats: readonly Chat[]): void;
    keepRestored(chats: readonly Chat[]): void;
    dropChats(chatIds: readonly string[]): void;
  };
  readonly nowMs: () => number;
  /** Runs the action and reports a failure; false when there was one. */
  readonly attempt: (action: () => Promise<void>) => Promise<boolean>;
  /** Leaves the shown chat, if it is one of these, and gives it. */
  readonly leave: (chats: readonly Chat[]) => Chat | null;
  /** Returns to the chat that was left. */
  readonly reopen: (chat: Chat) => void;
}

/** What can be undone: the previous state of the chats, and the one that was shown. */
export interface ChatAct {
  readonly type: 'archived' | 'deleted' | 'moved';
  readonly chats: readonly Chat[];
  readonly left: Chat | null;
}

export class ChatActs {
  /** Null when there is nothing to undo. */
  lastAct = $state.raw<ChatAct | null>(null);
  readonly #options: ChatActsOptions;

  constructor(options: ChatActsOptions) {
    this.#options = options;
  }

  /** Reads the archive and the bin. */
  get storedChats(): StoredChatsClient {
    return this.#options.client;
  }

  async pin(chats: readonly Chat[], isPinned: boolean): Promise<void> {
    const { client, nowMs } = this.#options;
    const pinnedAtMs = isPinned ? nowMs() : null;
    await this.#change(
      chats,
      chats.map((chat) => ({ ...chat, pinnedAtMs: isPinned ? (chat.pinnedAtMs ?? pinnedAtMs) : null })),
      async (chatIds) => void (await client.updateChats({ chatIds, isPinned })),
    );
  }

  async archive(chats: readonly Chat[], isArchived: boolean): Promise<void> {
    const { client, nowMs } = this.#options;
    const archivedAtMs = isArchived ? nowMs() : null;
    if (isArchived) this.lastAct = { type: 'archived', chats, left: null };
    await this.#change(
      chats,
      chats.map((chat) => ({ ...chat, archivedAtMs })),
      async (chatIds) => void (await client.updateChats({ chatIds, isArchived })),
    );
  }

  async move(chats: readonly Chat[], projectId: string): Promise<void> {
    const moved = chats.filter((chat) => chat.projectId !== projectId);
    if (moved.length === 0) return;
    this.lastAct = { type: 'moved', chats: moved, left: null };
    await this.#move(moved, projectId);
  }

  /** The user sees its newest answer. */
  async markRead(chat: Chat): Promise<void> {
    const { client, lists } = this.#options;
    lists.keepChats([{ ...chat, unread: null }]);
    // What is not stored is marked again when the chat is shown again.
    await client.updateChats({ chatIds: [chat.id], isRead: true }).catch(() => undefined);
  }

  /** Moves them to the bin. */
  async delete(chats: readonly Chat[]): Promise<void> {
    const { client, lists, attempt, leave, reopen } = this.#options;
    if (chats.length === 0) return;
    const chatIds = idsOf(chats);
    const act: ChatAct = { type: 'deleted', chats, left: leave(chats) };
    this.lastAct = act;
    lists.dropChats(chatIds);
    if (await attempt(async () => void (await client.deleteChats({ chatIds })))) return;
    this.dismiss(act);
    lists.keepChats(chats);
    if (act.left) reopen(act.left);
  }

  /** Makes the last act undone, all of it. */
  async undo(): Promise<void> {
    const act = this.lastAct;
    if (!act) return;
    this.dismiss(act);
    if (act.type === 'archived') await this.archive(act.chats, false);
    else if (act.type === 'moved') await this.#moveBack(act.chats);
    else await this.restore(act.chats, act.left);
  }

  /** Restores chats from the bin, and shows `left` again, if it is given. */
  async restore(chats: readonly Chat[], left: Chat | null = null): Promise<void> {
    const { client, lists, attempt, reopen } = this.#options;
    const isRestored = await attempt(async () => void (await client.restoreChats({ chatIds: idsOf(chats) })));
    if (!isRestored) return;
    lists.keepRestored(chats.map((chat) => ({ ...chat, deletedAtMs: null })));
    if (left) reopen(left);
  }

  dismiss(act: ChatAct | null): void {
    if (this.lastAct === act) this.lastAct = null;
  }

  async #moveBack(chats: readonly Chat[]): Promise<void> {
    for (const [projectId, own] of Map.groupBy(chats, (chat) => chat.projectId))
      await this.#move(own, projectId);
  }

  async #move(chats: readonly Chat[], projectId: string): Promise<void> {
    const { client } = this.#options;
    await this.#change(
      chats,
      chats.map((chat) => ({ ...chat, projectId })),
      async (chatIds) => void (await client.updateChats({ chatIds, projectId })),
    );
  }

  async #change(
    before: readonly Chat[],
    after: readonly Chat[],
    send: (chatIds: string[]) => Promise<void>,
  ): Promise<void> {
    const { lists, attempt } = this.#options;
    lists.keepChats(after);
    if (await attempt(() => send(idsOf(before)))) return;
    this.lastAct = null;
    lists.keepChats(before);
  }
}

const idsOf = (chats: readonly Chat[]): string[] => chats.map(({ id }) => id);
