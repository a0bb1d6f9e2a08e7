/**
 * Holds what was written in one chat and the server has not confirmed: the draft in the composer, and the message on its
 * way.
 * Invariant: both stay here and in the browser's storage until the server has them, so text is never lost. A page that is
 * opened later shows the message on its way, and the draft in its composer.
 */

import type { FileReference } from '@rill/protocol';
import { filesOf, isSame, joined, type Written } from '../files/written.ts';
import type { PendingMessage } from '../transcript/transcript.ts';
import { type DraftRef, draftKeyOf } from './draftStore.ts';
import { DraftSync, type DraftSyncOptions } from './draftSync.svelte.ts';
import type { UnsentMessage, UnsentStore } from './unsentStore.svelte.ts';

/** The destination of a message. */
export type MessageChat = Pick<
  UnsentMessage,
  'projectId' | 'chatId' | 'makesChat' | 'model' | 'webSearch' | 'newChat'
>;

/** The state of a message that is sent again automatically. */
export const willBeSent = 'It will be sent automatically once the server accepts it.';

export class Outbox {
  /** The message that is being sent, or could not be. */
  pending = $state.raw<PendingMessage | null>(null);
  #draft = $state('');
  #files = $state.raw<readonly FileReference[]>([]);
  readonly sync: DraftSync;
  readonly #unsent: UnsentStore;
  #draftKey: string;

  /** `ref` identifies the draft. */
  constructor(options: Omit<DraftSyncOptions, 'written' | 'show'>, unsent: UnsentStore, ref: DraftRef) {
    this.#unsent = unsent;
    this.#draftKey = draftKeyOf(ref);
    const show = (written: Written) => this.#show(written);
    this.sync = new DraftSync({ ...options, written: () => this.written, show }, ref);
    this.#show(this.sync.restore());
    const { kept } = this;
    if (kept && !kept.isDraft) {
      const { key, content, createdAtMs, hold, isRefused } = kept;
      this.pending = { key, content, ...filesOf(kept), createdAtMs, failure: hold ?? willBeSent, isRefused };
    }
  }

  /** The message that the server has not confirmed, as all tabs know it. */
  get kept(): UnsentMessage | null {
    return this.#unsent.find(this.#draftKey);
  }

  /** The same, unless another tab has put its own message of this chat in its place. */
  get #own(): UnsentMessage | null {
    return this.kept?.key === this.pending?.key ? this.kept : null;
  }

  get draft(): string {
    return this.#draft;
  }

  set draft(text: string) {
    this.replace({ content: text, files: this.#files });
  }

  /** The text of the composer. */
  get written(): Required<Written> {
    return { content: this.#draft, files: this.#files };
  }

  /** The files of the draft. */
  get files(): readonly FileReference[] {
    return this.#files;
  }

  set files(files: readonly FileReference[]) {
    this.replace({ content: this.#draft, files });
  }

  /** Starts to send a message. One that could not be sent returns to the composer, before the text there. */
  send(message: Omit<PendingMessage, 'failure'>, chat: MessageChat): void {
    const rest = isSame(message, this.written) ? nothing : this.written;
    const draft = joined(this.pending ?? nothing, rest);
    this.pending = { ...message, failure: null };
    // Before the draft is emptied, so that a reload at any moment finds the text in one of both.
    this.#unsent.put({ ...message, ...chat, hold: null, isRefused: false, isDraft: false });
    if (chat.chatId === this.#draftKey) this.replace(draft);
    else this.#moveTo(chat, draft);
  }

  /** Sends the failed message again, under its own key; null when there is none. */
  resend(): PendingMessage | null {
    if (!this.pending?.failure || this.pending.isRefused) return null;
    this.pending = { ...this.pending, failure: null };
    this.#hold(null, false);
    return this.pending;
  }

  /** `isRefused`: it never can be sent. `isPassing`: it can be later, so it is sent by itself. */
  fail(reason: string, { isRefused = false, isPassing = false } = {}): void {
    const isWaiting = isPassing && !isRefused;
    const failure = isWaiting ? `${reason} ${willBeSent}` : reason;
    if (this.pending) this.pending = { ...this.pending, failure, isRefused };
    this.#hold(isWaiting ? null : reason, isRefused);
  }

  /** The server has the message with this key. */
  confirm(key: string): void {
    if (this.pending?.key !== key) return;
    if (this.#own) this.#unsent.remove(this.#draftKey);
    this.pending = null;
    // The text that was written while the message was creating the chat.
    void this.sync.sync();
  }

  /** Puts what was written back into the composer, before what is written there. */
  giveBack(written: Written): void {
    this.replace(joined(written, this.written));
  }

  /** Replaces the content of the composer. */
  replace(written: Written): void {
    if (isSame(written, this.written)) return;
    this.#show(written);
    this.sync.edited(this.written);
  }

  /** Moves a message that could not be sent back into the composer, before the text there. */
  takeBack(): void {
    if (!this.pending?.failure) return;
    this.giveBack(this.pending);
    const own = this.#own;
    this.pending = null;
    // The chat of a first message is nowhere but here.
    if (own?.makesChat) this.#unsent.put({ ...own, isDraft: true });
    else if (own) this.#unsent.remove(this.#draftKey);
  }

  /**
   * Removes and returns all text, queued messages included: the chat was deleted, and the caller decides where its text
   * goes.
   */
  takeAll(queued: readonly Written[]): Required<Written> {
    const all = joined(this.pending ?? nothing, ...queued, this.written);
    this.pending = null;
    this.replace(nothing);
    this.#unsent.remove(this.#draftKey);
    return all;
  }

  /** The chat has a name: its text moves to its own drafts. */
  #moveTo(ref: MessageChat, draft: Written): void {
    this.#draftKey = ref.chatId;
    this.#show(draft);
    this.sync.move(ref, draft);
  }

  #show({ content, files = [] }: Written): void {
    this.#draft = content;
    this.#files = files;
  }

  #hold(hold: string | null, isRefused: boolean): void {
    const own = this.#own;
    if (own && !own.isDraft) this.#unsent.put({ ...own, hold, isRefused });
  }
}

const nothing: Written = { content: '' };
