/** Reads the prediction of a chat's next request, shortly after anything that affects it has changed. */
import type { ChatContext } from '@rill/protocol';
import type { ChatState } from '../chatState.svelte.ts';
import { LatestRequest } from '../latestRequest.ts';
import { readContext } from './messageActs.ts';

/** Wait after a change before it is read, in milliseconds: longer than a draft takes to the server. */
export const readDelayMs = 700;

export class ContextReading {
  /** Null until it was read. */
  context = $state.raw<ChatContext | null>(null);
  hasFailed = $state(false);
  readonly #chat: ChatState;
  readonly #request: LatestRequest<ChatContext>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;
  #isLeft = false;

  constructor(chat: ChatState) {
    this.#chat = chat;
    this.#request = new LatestRequest<ChatContext>({
      read: (signal) => readContext(chat.conversation, chat.model, signal),
      onAnswer: (context) => {
        this.context = context;
        this.hasFailed = false;
      },
      onFailure: () => (this.hasFailed = true),
    });
  }

  /** Notes a change that affects the request. The first time it is read at once. */
  changed(): void {
    if (this.#isDisposed) return;
    this.#isLeft = false;
    if (this.context === null && !this.#timer) void this.#read();
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#read(), readDelayMs);
    }
  }

  /** Notes that the chat was left, and is perhaps deleted: nothing of it is read until something changes again. */
  leave(): void {
    this.#isLeft = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Stops all reading. */
  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#request.dispose();
  }

  async #read(): Promise<void> {
    this.#request.invalidate();
    // The server counts the draft that it has.
    await this.#chat.draftSync.sync();
    if (!this.#isLeft) await this.#request.read();
  }
}
