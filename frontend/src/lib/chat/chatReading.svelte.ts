/** Reads one chat from the server, and tracks the state of that reading. */
import type { RillClient } from '@rill/client/source';
import type { ChatDetail, RillError } from '@rill/protocol';
import type { ChatProblem } from './chatProblem.svelte.ts';
import type { ChatRecord } from './chatRecord.svelte.ts';
import { LatestRequest } from './latestRequest.ts';
import { asRillError } from './rillError.ts';
import type { Outbox } from './unsent/outbox.svelte.ts';

export type ChatLoading = 'loading' | 'ready' | 'missing' | { readonly failure: string };

export interface ChatReadingOptions {
  readonly client: Pick<RillClient, 'getChat'>;
  readonly record: ChatRecord;
  readonly outbox: Outbox;
  readonly problem: ChatProblem;
  readonly onAnswer: (detail: ChatDetail) => void;
  /** True when the server has no such chat. */
  readonly onMissing: () => void;
}

export class ChatReading {
  state = $state.raw<ChatLoading>('ready');
  readonly #options: ChatReadingOptions;
  readonly #latest: LatestRequest<ChatDetail>;

  constructor(options: ChatReadingOptions) {
    this.#options = options;
    const { client, record, outbox, onAnswer } = options;
    this.#latest = new LatestRequest({
      read: (signal) => client.getChat({ ...record.ref, signal }),
      onAnswer,
      onFailure: (error) => this.#fail(asRillError(error)),
    });
    if (record.chatId && !outbox.kept?.makesChat) this.state = 'loading';
  }

  /** True while the server does not have the chat, as far as this page knows. */
  get isUnmade(): boolean {
    const { record, outbox } = this.#options;
    return record.chat === null && (record.chatId === null || outbox.kept?.makesChat === true);
  }

  get underWay(): Promise<void> | null {
    return this.#latest.underWay;
  }

  /** The server's chat has changes that are not shown here. What is shown stays until the chat has been read again. */
  async read(): Promise<void> {
    const { record } = this.#options;
    // A chat that does not exist before its first message is only on this page.
    if (!record.chatId || this.state === 'missing' || this.isUnmade) return;
    if (!record.chat) this.state = 'loading';
    await this.#latest.read();
  }

  /** The server's chat changed in a way that a read in progress may miss. */
  invalidate(): void {
    this.#latest.invalidate();
  }

  dispose(): void {
    this.#latest.dispose();
  }

  #fail(error: RillError): void {
    const { record, problem, onMissing } = this.#options;
    if (error.code === 'not_found') onMissing();
    else if (!record.chat) this.state = { failure: error.message };
    if (this.state === 'ready' || error.code === 'unauthorized') problem.report(error);
  }
}
