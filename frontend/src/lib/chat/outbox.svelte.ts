/**
 * What was written in one chat and the server has not confirmed: the draft in the composer, the message on its way, and
 * those that wait for the answer before them.
 * Invariant: all of it stays here and in the draft store until the server confirms it, so text is never lost. A page
 * that is opened later has it in its composer.
 */
import type { DraftStore } from './draftStore.ts';
import type { PendingMessage } from './transcript.ts';

/** A message that waits for the end of the answer before it. */
export interface QueuedMessage extends Omit<PendingMessage, 'failure'> {
  /** True once it is to be sent however that answer ends. */
  readonly isDue: boolean;
}

export class Outbox {
  /** The message that is being sent, or could not be. */
  pending = $state.raw<PendingMessage | null>(null);
  /** What is sent next, first message first. */
  queue = $state.raw<readonly QueuedMessage[]>([]);
  #draft = $state('');
  readonly #drafts: DraftStore;
  #place: string;

  /** `place` names the chat in the draft store. */
  constructor(drafts: DraftStore, place: string) {
    this.#drafts = drafts;
    this.#place = place;
    this.#draft = drafts.read(place);
  }

  get draft(): string {
    return this.#draft;
  }

  set draft(text: string) {
    this.#draft = text;
    this.#store();
  }

  /** Puts a message on its way. One that could not be sent goes back into the composer, before what is written there. */
  send(message: Omit<PendingMessage, 'failure'>): void {
    const rest = message.content === this.#draft ? '' : this.#draft;
    this.#draft = joined(this.pending?.content ?? '', rest);
    this.pending = { ...message, failure: null };
    this.#store();
  }

  /** Puts the message that could not be sent on its way again, under its own key; null when there is none. */
  resend(): PendingMessage | null {
    if (!this.pending?.failure) return null;
    this.pending = { ...this.pending, failure: null };
    return this.pending;
  }

  fail(reason: string): void {
    if (this.pending) this.pending = { ...this.pending, failure: reason };
  }

  /** The server has the message with this key. */
  confirm(key: string): void {
    if (this.pending?.key !== key) return;
    this.pending = null;
    this.#store();
  }

  /** Takes a message that could not be sent back into the composer, before what is written there. */
  takeBack(): void {
    if (!this.pending?.failure) return;
    this.#draft = joined(this.pending.content, this.#draft);
    this.pending = null;
    this.#store();
  }

  enqueue(message: Omit<QueuedMessage, 'isDue'>): void {
    if (message.content === this.#draft) this.#draft = '';
    this.queue = [...this.queue, { ...message, isDue: false }];
    this.#store();
  }

  /** Puts a queued message first, to be sent however the answer before it ends. */
  hasten(key: string): void {
    const queued = this.queue.find((message) => message.key === key);
    if (queued) this.queue = [{ ...queued, isDue: true }, ...this.#queueWithout(key)];
  }

  /** Takes a message out of the queue; null when it is not in it. */
  dequeue(key: string): QueuedMessage | null {
    const queued = this.queue.find((message) => message.key === key) ?? null;
    this.queue = this.#queueWithout(key);
    this.#store();
    return queued;
  }

  /** Takes a queued message back into the composer, before what is written there. */
  editQueued(key: string): void {
    const queued = this.dequeue(key);
    if (queued) this.draft = joined(queued.content, this.#draft);
  }

  /** The chat was made: its text moves to its own place, at once, so that a reload during the send finds it there. */
  moveTo(place: string): void {
    this.#drafts.write(this.#place, '');
    this.#place = place;
    this.#store();
    this.flush();
  }

  flush(): void {
    this.#drafts.flush();
  }

  #queueWithout(key: string): readonly QueuedMessage[] {
    return this.queue.filter((message) => message.key !== key);
  }

  #store(): void {
    const queued = this.queue.map(({ content }) => content);
    this.#drafts.write(this.#place, joined(this.pending?.content ?? '', ...queued, this.#draft));
  }
}

export function createOutbox(drafts: DraftStore, place: string): Outbox {
  return new Outbox(drafts, place);
}

const joined = (...texts: readonly string[]) => texts.filter((text) => text !== '').join('\n\n');
