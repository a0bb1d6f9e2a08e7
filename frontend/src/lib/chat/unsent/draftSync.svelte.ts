/**
 * Keeps the draft of one chat the same here and at the server: what is typed goes there within half a second, and what was
 * written in another tab or on another device is shown here, unless the user is typing: then both texts are kept.
 */
import type { RillClient } from '@rill/client/source';
import type { Draft, RillError } from '@rill/protocol';
import { idsOf, isEmpty, isSame, joined, type Written } from '../files/written.ts';
import { asRillError } from '../rillError.ts';
import { type DraftRef, type DraftStore, draftKeyOf, type UnsyncedDraft } from './draftStore.ts';
import { readKept, writeKept } from './keptDraft.ts';

export type DraftClient = Pick<RillClient, 'getDraft' | 'putDraft'>;

export interface DraftSyncOptions {
  readonly client: DraftClient;
  readonly drafts: DraftStore;
  readonly nowMs: () => number;
  /** The content of the composer. */
  readonly written: () => Written;
  /** Replaces the content of the composer. */
  readonly show: (written: Written) => void;
  readonly onUnauthorized: () => void;
}

/** Wait before typed text is sent to the server, in milliseconds. */
const sendDelayMs = 300;
/** Wait before a text that could not be sent is tried again, in milliseconds. */
const retryMs = 5000;
/** A user who typed this long ago is still typing, in milliseconds. */
const typingMs = 3000;

export class DraftSync {
  /** The text that was written elsewhere at the same time; '' for none. */
  elsewhere = $state('');
  readonly #options: DraftSyncOptions;
  #ref: DraftRef;
  /** The revision that this tab has read, or has written. */
  #revision = 0;
  /** True when the server lacks what is typed here. */
  #isDirty = false;
  #discardsOther = false;
  /** The revision of a text from elsewhere that was read and is not shown in the composer. */
  #heldRevision = 0;
  #editedAtMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  /** A change elsewhere of which the text was not read, because the server was being told something. */
  #hasNews = false;
  #isDisposed = false;
  #isReachable = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DraftSyncOptions, ref: DraftRef) {
    this.#options = options;
    this.#ref = ref;
  }

  /** The initial text: what the server lacks, else the last text here. */
  restore(): Written {
    const { drafts } = this.#options;
    const key = draftKeyOf(this.#ref);
    const [newest] = drafts.unsynced().filter((draft) => draftKeyOf(draft) === key);
    if (!newest) return readKept(drafts, key);
    this.#isDirty = true;
    this.#revision = newest.revision;
    this.#editedAtMs = newest.editedAtMs;
    this.#keep(newest);
    drafts.flush();
    if (newest.writer !== drafts.writer) drafts.confirm(newest);
    return newest;
  }

  /** The user changed the text or its files. */
  edited(written: Written): void {
    this.#isDirty = true;
    this.#editedAtMs = this.#options.nowMs();
    this.#keep(written);
    if (!this.#isDisposed) this.#timer ??= setTimeout(() => void this.sync(), sendDelayMs);
  }

  /** The draft belongs to this chat from now on; the one that it was for is empty. */
  move(ref: DraftRef, written: Written): void {
    const { client, drafts } = this.#options;
    const cleared = { ...this.#ref, writer: drafts.writer, content: '', revision: this.#revision };
    writeKept(drafts, draftKeyOf(this.#ref), cleared, { ...cleared, editedAtMs: this.#options.nowMs() });
    drafts.flush();
    void sendUnsynced(
      client,
      drafts,
      { ...cleared, editedAtMs: this.#options.nowMs() },
      this.#options.nowMs(),
    );
    this.#ref = { projectId: ref.projectId, chatId: ref.chatId };
    this.#revision = 0;
    this.#isDirty = !isEmpty(written);
    if (this.#isDirty) this.#keep(written);
    else writeKept(drafts, draftKeyOf(ref), written);
  }

  /** Handles the server's notice that a draft changed. */
  takeChange({ revision, writer }: { readonly revision: number; readonly writer: string }): void {
    if (writer === this.#options.drafts.writer || revision <= this.#revision) return;
    this.#hasNews = true;
    void this.sync();
  }

  /** Sends what the server lacks, and reads what is here not known. */
  async sync({ isFresh = false } = {}): Promise<void> {
    this.#stopTimer();
    if (isFresh) this.#hasNews = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      if (this.#isDirty) await this.#put();
      else if (this.#hasNews) await this.#get();
    } catch (error) {
      this.#fail(asRillError(error));
    } finally {
      this.#isBusy = false;
    }
    if ((this.#isDirty || this.#hasNews) && !this.#timer && !this.#isDisposed && this.#isReachable)
      this.#timer = setTimeout(() => void this.sync(), sendDelayMs);
  }

  /** Adds the text from elsewhere below the text here. */
  addElsewhere(): void {
    const both = joined(this.#options.written(), { content: this.elsewhere });
    this.discardElsewhere();
    this.#options.show(both);
    this.edited(both);
  }

  /** Discards the text from elsewhere. */
  discardElsewhere(): void {
    this.elsewhere = '';
    this.#revision = Math.max(this.#revision, this.#heldRevision);
    this.#discardsOther = true;
    this.#isDirty = true;
    this.#editedAtMs = this.#options.nowMs();
    void this.sync();
  }

  /** Text that the server lacks is sent again; it stays in the browser's storage until the server has it. */
  dispose(): void {
    this.#isDisposed = true;
    if (this.#isDirty && !this.#isBusy) void this.sync();
    this.#stopTimer();
  }

  async #put(): Promise<void> {
    const { client, drafts, nowMs } = this.#options;
    const written = this.#options.written();
    const { content } = written;
    const ref = this.#ref;
    const [baseRevision, discardsOther] = [this.#revision, this.#discardsOther];
    const put = {
      content,
      fileIds: idsOf(written),
      baseRevision,
      writer: drafts.writer,
      editedAgoMs: agoMs(nowMs(), this.#editedAtMs),
    };
    this.#isDirty = false;
    this.#discardsOther = false;
    try {
      const draft = await client.putDraft({ ...ref, ...put, ...(discardsOther && { discardsOther }) });
      this.#isReachable = true;
      drafts.confirm({ ...ref, ...written, writer: drafts.writer, revision: 0, editedAtMs: 0 });
      if (ref === this.#ref) this.#take(draft, written);
    } catch (error) {
      this.#isDirty = true;
      this.#discardsOther ||= discardsOther;
      throw error;
    }
  }

  async #get(): Promise<void> {
    const { client, nowMs, written } = this.#options;
    this.#hasNews = false;
    const ref = this.#ref;
    const draft = await client.getDraft(ref);
    this.#isReachable = true;
    if (ref !== this.#ref || this.#isDirty || this.#isDisposed || draft.revision < this.#revision) return;
    const isTyping = nowMs() - this.#editedAtMs < typingMs;
    const here = written();
    if (draft.revision === 0 && !isEmpty(here)) this.edited(here);
    else if (isTyping && draft.content !== here.content) this.#holdBack(draft);
    else this.#take(draft, here);
  }

  /** While the user is typing, the text from elsewhere waits. */
  #holdBack(draft: Draft): void {
    this.elsewhere = draft.content || draft.otherContent;
    this.#heldRevision = draft.revision;
  }

  /** `known`: the text here as the server knows it. */
  #take(draft: Draft, known: Written): void {
    const { drafts, show, written } = this.#options;
    const hasTyped = !isSame(written(), known);
    this.elsewhere = draft.otherContent;
    // Typed on a text that the server has replaced: only the next write can tell both apart.
    if (hasTyped && !isSame(draft, known)) return;
    this.#revision = draft.revision;
    if (isSame(draft, written()) || hasTyped || this.#isDisposed) return;
    show(draft);
    writeKept(drafts, draftKeyOf(this.#ref), draft);
  }

  #keep({ content, files }: Written): void {
    const { drafts } = this.#options;
    const unsynced = { ...this.#ref, revision: this.#revision, editedAtMs: this.#editedAtMs };
    // A chat that was deleted or left sends the server nothing more.
    writeKept(drafts, draftKeyOf(this.#ref), { content, files }, this.#isDisposed ? undefined : unsynced);
  }

  #fail(error: RillError): void {
    if (error.code === 'unauthorized') this.#options.onUnauthorized();
    this.#isReachable = false;
    if (!this.#isDisposed && error.isRetryable) this.#timer = setTimeout(() => void this.sync(), retryMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Sends a text that a tab kept for the server, under the name of that tab. Never rejects. */
export async function sendUnsynced(
  client: DraftClient,
  drafts: DraftStore,
  draft: UnsyncedDraft,
  nowMs: number,
): Promise<void> {
  const { projectId, chatId, content, revision, writer, editedAtMs } = draft;
  const fileIds = idsOf(draft);
  try {
    const editedAgoMs = agoMs(nowMs, editedAtMs);
    await client.putDraft({
      projectId,
      chatId,
      content,
      fileIds,
      baseRevision: revision,
      writer,
      editedAgoMs,
    });
    drafts.confirm(draft);
  } catch (error) {
    // Otherwise it stays in the browser's storage for the next time. A deleted chat has no draft at the server.
    if (asRillError(error).code === 'not_found') drafts.confirm(draft);
  }
}

const agoMs = (nowMs: number, atMs: number): number =>
  Number.isFinite(atMs) ? Math.max(0, Math.round(nowMs - atMs)) : 0;
