/**
 * Changes the messages of one chat: edits both sides, steps through versions, marks, forks, deletes and restores.
 * Invariant: what it changes at the server is read again before it counts as done, and no text that was written is lost.
 */
import type { RillClient } from '@rill/client/source';
import type { Chat, ChatContext, ContextMark, DeletedMessage, RillError } from '@rill/protocol';
import type { ChatProblem } from '../chatProblem.svelte.ts';
import type { ChatReading } from '../chatReading.svelte.ts';
import type { ChatRecord } from '../chatRecord.svelte.ts';
import { asRillError } from '../rillError.ts';
import type { ChatRuns } from '../run/chatRuns.svelte.ts';
import type { PendingMessage } from '../transcript/transcript.ts';
import type { VisibleBranch } from '../transcript/visibleBranch.svelte.ts';
import type { DraftStore } from '../unsent/draftStore.ts';
import { MessageEdit, type OpenEdit } from './messageEdit.svelte.ts';

export type ConversationClient = Pick<
  RillClient,
  'forkChat' | 'editMessage' | 'deleteMessage' | 'restoreMessage' | 'markMessage' | 'getContext'
>;

/** A deletion that can be taken back. */
export interface Deletion {
  readonly messageId: string;
  /** Messages that went with it. */
  readonly belowCount: number;
}

export interface ConversationOptions {
  readonly client: ConversationClient;
  readonly record: ChatRecord;
  readonly branch: VisibleBranch;
  readonly drafts: DraftStore;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly newChatId: () => string;
  readonly reading: ChatReading;
  readonly runs: ChatRuns;
  readonly problem: ChatProblem;
}

export class Conversation {
  /** An edited message that is being sent. */
  sending = $state.raw<PendingMessage | null>(null);
  /** What was deleted last, while that is said. */
  deletion = $state.raw<Deletion | null>(null);
  readonly edit: MessageEdit;
  readonly #options: ConversationOptions;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.edit = new MessageEdit(options.drafts, () => `edit:${options.record.chatId ?? ''}`);
  }

  /** What was deleted in this chat and can be restored. */
  get deletedMessages(): readonly DeletedMessage[] {
    return this.#options.branch.deletedMessages;
  }

  /** The edit whose message is on the screen; null when there is none. */
  get shownEdit(): OpenEdit | null {
    const { open } = this.edit;
    return open && this.#options.branch.messages.some(({ id }) => id === open.messageId) ? open : null;
  }

  /** Opens the box in place of a message, with all parts of an answer. */
  startEdit(messageId: string): void {
    const { branch, newId } = this.#options;
    const parts = branch.partsOf(messageId);
    const [first] = parts;
    const last = parts.at(-1);
    if (!first || !last) return;
    this.edit.start({
      messageId: first.id,
      throughId: last.id,
      role: first.role,
      text: parts.map(({ content }) => content).join(''),
      key: newId(),
    });
  }

  /** Opens the box for the last message of the user. False when there is none. */
  editLastMessage(): boolean {
    const last = this.#options.branch.messages.findLast(({ role }) => role === 'user');
    if (last) this.startEdit(last.id);
    return last !== undefined;
  }

  writeEdit(text: string): void {
    this.edit.write(text, this.#options.newId());
  }

  /** Sends the edited message as another version, or stores that of an answer. A running answer is stopped first. */
  async saveEdit(): Promise<void> {
    const edit = this.shownEdit;
    if (!edit || edit.text.trim() === '') return;
    await this.#options.runs.stop();
    if (edit.role === 'user') await this.#resend(edit);
    else await this.#saveAnswer(edit);
  }

  /** Copies the shown branch, up to a message, into a new chat; null when that failed. */
  async fork(messageId: string): Promise<Chat | null> {
    const { client, record, newChatId } = this.#options;
    const id = newChatId();
    let fork: Chat | null = null;
    await this.#attempt(async () => {
      fork = await client.forkChat({ ...record.ref, messageId, id });
    });
    return fork;
  }

  /** Deletes a message and all below it; all parts of an answer go together. */
  async delete(messageId: string): Promise<void> {
    const { client, record, branch, reading, runs } = this.#options;
    const [first] = branch.partsOf(messageId);
    if (!first) return;
    const partCount = branch.partsOf(messageId).length;
    await runs.stop();
    await this.#attempt(async () => {
      const { messageCount } = await client.deleteMessage({ ...record.ref, messageId: first.id });
      this.deletion = { messageId: first.id, belowCount: Math.max(0, messageCount - partCount) };
      await reading.read();
    });
  }

  /** Takes the last deletion back. */
  async undo(): Promise<void> {
    if (this.deletion) await this.restore(this.deletion.messageId);
  }

  async restore(messageId: string): Promise<void> {
    const { client, record, reading } = this.#options;
    if (this.deletion?.messageId === messageId) this.deletion = null;
    await this.#attempt(async () => {
      await client.restoreMessage({ ...record.ref, messageId });
      await reading.read();
    });
  }

  /** Pins a message into the context or keeps it out, with all parts of an answer. True when that did not fail. */
  async mark(messageId: string, mark: ContextMark | null): Promise<boolean> {
    const { client, record, branch, reading } = this.#options;
    return await this.#attempt(async () => {
      for (const { id } of branch.partsOf(messageId)) {
        await client.markMessage({ ...record.ref, messageId: id, mark });
      }
      await reading.read();
    });
  }

  /** Asks the model for a summary of the shown branch, which stands for it from then on. */
  async shorten(content: string): Promise<void> {
    const { branch, runs, nowMs, newId, reading, problem } = this.#options;
    const parentId = branch.messages.at(-1)?.id;
    if (parentId === undefined || runs.live) return;
    const key = newId();
    this.sending = { key, content, createdAtMs: nowMs(), failure: null };
    const onSent = () => (this.sending = null);
    const onUnsent = (error: RillError) => {
      this.sending = null;
      problem.report(error);
      void reading.read();
    };
    const request = { content, parentId, contextMark: 'summary', idempotencyKey: key } as const;
    await runs.start(request, { key: `answer:${key}`, sends: key, onSent, onUnsent });
  }

  /** What the next request would contain, with the model that is chosen here. */
  readContext(model: string | null, signal: AbortSignal): Promise<ChatContext> {
    const { client, record } = this.#options;
    return client.getContext({ ...record.ref, ...(model !== null && { model }), signal });
  }

  /** True when the action did not fail. */
  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.#options.problem.report(asRillError(error));
      return false;
    }
  }

  async #saveAnswer({ messageId, throughId, text }: OpenEdit): Promise<void> {
    const { client, record, reading } = this.#options;
    const through = throughId === messageId ? {} : { throughId };
    const isSaved = await this.#attempt(async () => {
      await client.editMessage({ ...record.ref, messageId, content: text, ...through });
      await reading.read();
    });
    if (isSaved) this.edit.forget();
  }

  /** Until the server has it, it stays an edit: a message that could not be sent opens its box again. */
  async #resend(edit: OpenEdit): Promise<void> {
    const { branch, runs, nowMs, reading, problem } = this.#options;
    const original = branch.messages.find(({ id }) => id === edit.messageId);
    if (!original) return;
    const { text: content, key } = edit;
    this.sending = { key, content, createdAtMs: nowMs(), failure: null };
    this.edit.close();
    branch.cutBefore(original);
    const onSent = () => {
      this.sending = null;
      this.edit.forget();
    };
    const onUnsent = (error: RillError) => {
      this.sending = null;
      this.edit.start(edit);
      problem.report(error);
      void reading.read();
    };
    const request = { content, parentId: original.parentId, idempotencyKey: key };
    await runs.start(request, { key: `answer:${key}`, sends: key, onSent, onUnsent });
  }
}
