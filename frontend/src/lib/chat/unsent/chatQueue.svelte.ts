/**
 * Holds the queued messages of one chat: those that the server has and will send, and those that it does not have yet.
 * All tabs and devices show the same.
 */
import type { RillClient, ChatQueue as StoredQueue } from '@rill/client/source';
import type { QueuePauseReason } from '@rill/protocol';
import type { ChatProblem } from '../chatProblem.svelte.ts';
import type { ChatRef } from '../chatRecord.svelte.ts';
import { filesOf, type Written } from '../files/written.ts';
import { LatestRequest } from '../latestRequest.ts';
import { asRillError } from '../rillError.ts';
import { type AddsClient, sendAdds } from './queuedAdds.ts';
import type { LaterSender } from './sendFailure.ts';
import type { QueuedAdd, UnsentStore } from './unsentStore.svelte.ts';

export type QueueClient = AddsClient &
  Pick<RillClient, 'getQueue' | 'updateQueued' | 'removeQueued' | 'sendQueued' | 'resumeQueue'>;

/** A queued message as it is shown. */
export interface ShownQueued extends Written {
  readonly key: string;
  /** Its id at the server; null until the server has it. */
  readonly id: string | null;
}

export interface ChatQueueOptions {
  readonly client: QueueClient;
  readonly unsent: UnsentStore;
  /** Null until the chat is created. */
  readonly ref: () => ChatRef | null;
  readonly problem: Pick<ChatProblem, 'report'>;
  readonly waiting: LaterSender;
  /** The server will never accept this message. */
  readonly onRefused: (message: QueuedAdd) => void;
}

const shown = ({ key, content, files }: Written & Pick<QueuedAdd, 'key'>) => ({
  key,
  content,
  ...filesOf({ files }),
});

const noQueue: StoredQueue = { messages: [], pausedBy: null, problem: null, revision: 0 };

export class ChatQueue {
  readonly #options: ChatQueueOptions;
  #stored = $state.raw<StoredQueue>(noQueue);
  readonly #reading: LatestRequest<StoredQueue>;
  /** The texts of all messages that were shown in this queue. */
  readonly #shownTexts = new Set<string>();

  constructor(options: ChatQueueOptions) {
    this.#options = options;
    this.#reading = new LatestRequest({
      read: async (signal) => {
        const ref = options.ref();
        return ref ? await options.client.getQueue({ ...ref, signal }) : noQueue;
      },
      onAnswer: (queue) => this.#take(queue),
      // If it cannot be read now, it is read with the chat, or at its next change.
      onFailure: () => undefined,
    });
  }

  /** First message first. */
  get messages(): readonly ShownQueued[] {
    const stored = this.#stored.messages.map((message) => ({ ...shown(message), id: message.id }));
    const adds = this.#adds
      .filter(({ key }) => stored.every((message) => message.key !== key))
      .map((message) => ({ ...shown(message), id: null }));
    return [...stored, ...adds];
  }

  /** Why the queue waits for the user; null while it does not. */
  get pausedBy(): QueuePauseReason | null {
    return this.#stored.pausedBy;
  }

  /** Why the server refused the first message, in one sentence. */
  get problem(): string | null {
    return this.#stored.problem;
  }

  /** True for a text that waited here, so that its answer is expected here. */
  hasShown(content: string): boolean {
    return this.#shownTexts.has(content);
  }

  async read(): Promise<void> {
    await this.#reading.read();
  }

  /** Handles the server's notice that the queue changed. */
  takeChange(revision: number): void {
    if (revision > this.#stored.revision) void this.read();
  }

  /** Kept here until the server has it. */
  async add(message: Omit<QueuedAdd, 'projectId' | 'chatId'>): Promise<void> {
    const ref = this.#options.ref();
    if (!ref) return;
    this.#shownTexts.add(message.content);
    this.#options.unsent.putQueued({ ...message, ...ref });
    await this.sendAdds();
  }

  /** Tells the server of the messages that it does not have. */
  async sendAdds(): Promise<void> {
    const { client, unsent, problem, waiting, onRefused } = this.#options;
    await sendAdds(
      {
        client,
        unsent,
        onStored: (queue) => this.#take(queue),
        onWaiting: () => waiting.sendLater(),
        onRefused: (message, error) => {
          onRefused(message);
          problem.report(error);
        },
      },
      this.#adds,
    );
  }

  /** True when the message no longer waits. */
  async remove(key: string): Promise<boolean> {
    return await this.#change(key, (ref) => this.#options.client.removeQueued(ref));
  }

  async move(key: string, by: number): Promise<void> {
    const index = this.#stored.messages.findIndex((message) => message.key === key);
    const position = Math.max(0, index + by);
    await this.#change(key, (ref) => this.#options.client.updateQueued({ ...ref, position }));
  }

  async sendNow(key: string): Promise<void> {
    await this.#change(key, (ref) => this.#options.client.sendQueued(ref));
  }

  async resume(): Promise<void> {
    const ref = this.#options.ref();
    if (ref) await this.#attempt(() => this.#options.client.resumeQueue(ref));
  }

  /** Removes and returns all messages: the chat was deleted. */
  takeAll(): Written[] {
    const { messages } = this;
    for (const { key } of this.#adds) this.#options.unsent.removeQueued(key);
    this.#stored = noQueue;
    return [...messages];
  }

  dispose(): void {
    this.#reading.dispose();
  }

  get #adds(): readonly QueuedAdd[] {
    const chatId = this.#options.ref()?.chatId;
    return this.#options.unsent.queued.filter((message) => message.chatId === chatId);
  }

  /** A message that the server does not have is changed here alone. */
  async #change(
    key: string,
    call: (ref: ChatRef & { readonly messageId: string }) => Promise<StoredQueue>,
  ): Promise<boolean> {
    const ref = this.#options.ref();
    const id = this.#stored.messages.find((message) => message.key === key)?.id;
    if (ref && id) return await this.#attempt(() => call({ ...ref, messageId: id }));
    this.#options.unsent.removeQueued(key);
    return true;
  }

  async #attempt(call: () => Promise<StoredQueue>): Promise<boolean> {
    this.#reading.invalidate();
    try {
      this.#take(await call());
      return true;
    } catch (error) {
      const failure = asRillError(error);
      this.#options.problem.report(failure);
      // It was sent or removed elsewhere meanwhile.
      if (failure.code === 'not_found') void this.read();
      return false;
    }
  }

  #take(queue: StoredQueue): void {
    if (queue.revision < this.#stored.revision) return;
    this.#stored = queue;
    for (const { content } of queue.messages) this.#shownTexts.add(content);
  }
}
