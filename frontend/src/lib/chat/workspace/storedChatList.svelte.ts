/** Reads the archive or the bin page by page, and empties the bin. */
import type { RillClient } from '@rill/client/source';
import type { Chat } from '@rill/protocol';
import { asRillError } from '../rillError.ts';
import { chatPageSize } from './chatPageSize.ts';

export type StoredChatsClient = Pick<RillClient, 'listMarkedChats' | 'emptyBin'>;

export class StoredChatList {
  chats = $state.raw<readonly Chat[]>([]);
  /** Includes the pages that were not read. */
  totalCount = $state(0);
  isRead = $state(false);
  /** One sentence about what failed; null when nothing did. */
  failure = $state<string | null>(null);
  #pageToken = $state.raw<string | null>(null);
  readonly #client: StoredChatsClient;
  readonly #mark: 'archived' | 'deleted';

  constructor(client: StoredChatsClient, mark: 'archived' | 'deleted') {
    this.#client = client;
    this.#mark = mark;
  }

  get hasMore(): boolean {
    return this.#pageToken !== null;
  }

  async read(): Promise<void> {
    await this.#attempt(() => this.#readPage([], null));
  }

  async readMore(): Promise<void> {
    await this.#attempt(() => this.#readPage(this.chats, this.#pageToken));
  }

  /** Permanently deletes the chats that the bin had when it was counted here. */
  async empty(): Promise<void> {
    await this.#attempt(async () => {
      await this.#client.emptyBin({ count: this.totalCount });
    });
    const { failure } = this;
    await this.read();
    this.failure = failure;
  }

  async #readPage(before: readonly Chat[], pageToken: string | null): Promise<void> {
    const page = await this.#client.listMarkedChats({
      mark: this.#mark,
      limit: chatPageSize,
      ...(pageToken !== null && { pageToken }),
    });
    this.chats = [...before, ...page.chats];
    this.totalCount = page.totalCount;
    this.#pageToken = page.nextPageToken;
    this.isRead = true;
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await action();
    } catch (error) {
      this.failure = asRillError(error).message;
    }
  }
}
