/**
 * What was written in one chat and the server has not confirmed: the draft in the composer and the message on its way.
 * Invariant: both stay here and in the draft store until the server confirms them, so text is never lost.
 */
import type { DraftStore } from './draftStore.ts';
import type { PendingMessage } from './transcript.ts';

export class Outbox {
  /** The message that is being sent, or could not be. */
  pending = $state.raw<PendingMessage | null>(null);
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

  #store(): void {
    this.#drafts.write(this.#place, joined(this.pending?.content ?? '', this.#draft));
  }
}

export function createOutbox(drafts: DraftStore, place: string): Outbox {
  return new Outbox(drafts, place);
}

const joined = (...texts: readonly string[]) => texts.filter((text) => text !== '').join('\n\n');
