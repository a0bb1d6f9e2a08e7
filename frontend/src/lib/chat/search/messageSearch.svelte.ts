/**
 * Searches while the user types: waits for a short pause, sends one request, and drops every response to an outdated
 * query. The last results stay until the next ones arrive.
 */
import type { RillClient } from '@rill/client/source';
import { type FoundChat, type FoundMessage, type RillError, searchTerms } from '@rill/protocol';
import { asRillError } from '../rillError.ts';

export type SearchServer = RillClient['search'];

export interface MessageSearchOptions {
  readonly search: SearchServer;
  readonly onUnauthorized: () => void;
}

/** The pause after a letter, in milliseconds: mostly shorter than between two letters. */
const pauseMs = 80;

export class MessageSearch {
  chats = $state.raw<readonly FoundChat[]>([]);
  messages = $state.raw<readonly FoundMessage[]>([]);
  /** True while the typed query is not answered yet. */
  isWaiting = $state(false);
  /** One sentence when the search failed. */
  failure = $state<string | null>(null);
  /** False while the server makes older messages searchable. */
  isComplete = $state(true);
  #nextPageToken = $state<string | null>(null);
  #query = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;
  readonly #options: MessageSearchOptions;

  constructor(options: MessageSearchOptions) {
    this.#options = options;
  }

  get hasMore(): boolean {
    return this.#nextPageToken !== null;
  }

  /** Sets the query that is typed now. */
  take(query: string): void {
    if (query === this.#query) return;
    this.#query = query;
    this.#stop();
    this.failure = null;
    if (searchTerms(query).length === 0) {
      this.#show([], [], null);
      return;
    }
    this.isWaiting = true;
    this.#timer = setTimeout(() => void this.#ask(null), pauseMs);
  }

  /** Finds more messages of the same query. */
  more(): void {
    if (this.#nextPageToken !== null && !this.isWaiting) void this.#ask(this.#nextPageToken);
  }

  dispose(): void {
    this.#stop();
  }

  async #ask(pageToken: string | null): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.isWaiting = true;
    try {
      const { signal } = asking;
      const found = await this.#options.search({ q: this.#query, signal, ...(pageToken && { pageToken }) });
      if (signal.aborted) return;
      const isFirst = pageToken === null;
      const known = new Set(isFirst ? [] : this.messages.map(({ messageId }) => messageId));
      const added = found.messages.filter(({ messageId }) => !known.has(messageId));
      this.isComplete = found.isComplete;
      this.#show(
        isFirst ? found.chats : this.chats,
        isFirst ? added : [...this.messages, ...added],
        found.nextPageToken,
      );
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(asRillError(error));
    }
  }

  #fail(error: RillError): void {
    this.isWaiting = false;
    if (error.code === 'unauthorized') this.#options.onUnauthorized();
    else this.failure = error.message;
  }

  #show(chats: readonly FoundChat[], messages: readonly FoundMessage[], next: string | null): void {
    this.isWaiting = false;
    this.chats = chats;
    this.messages = messages;
    this.#nextPageToken = next;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    this.isWaiting = false;
  }
}
