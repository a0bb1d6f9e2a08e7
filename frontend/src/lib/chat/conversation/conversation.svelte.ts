/**
 * Holds what the user is doing with the messages of one chat: an edit, a repeated send, a deletion that can be undone.
 * The requests to the server are in `messageActs.ts`, which is loaded with the messages.
 */
import type { RillClient } from '@rill/client/source';
import type { DeletedMessage, FileReference } from '@rill/protocol';
import type { ChatProblem } from '../chatProblem.svelte.ts';
import type { ChatReading } from '../chatReading.svelte.ts';
import type { ChatRecord } from '../chatRecord.svelte.ts';
import { filesOf } from '../files/written.ts';
import type { ChatRuns } from '../run/chatRuns.svelte.ts';
import type { PendingMessage } from '../transcript/transcript.ts';
import type { VisibleBranch } from '../transcript/visibleBranch.svelte.ts';
import type { DraftStore } from '../unsent/draftStore.ts';
import { MessageEdit, type OpenEdit } from './messageEdit.svelte.ts';

export type ConversationClient = Pick<
  RillClient,
  'forkChat' | 'editMessage' | 'deleteMessage' | 'restoreMessage' | 'markMessage' | 'getContext'
>;

/** A deletion that can be undone. */
export interface Deletion {
  readonly messageId: string;
  /** Number of messages that were deleted with it. */
  readonly belowCount: number;
}

export interface ConversationParts {
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
  /** The last deletion, while its notice is shown. */
  deletion = $state.raw<Deletion | null>(null);
  readonly edit: MessageEdit;
  /** The parts that the actions need. */
  readonly parts: ConversationParts;

  constructor(parts: ConversationParts) {
    this.parts = parts;
    this.edit = new MessageEdit(parts.drafts, () => `edit:${parts.record.chatId ?? ''}`);
  }

  /** The deleted messages of this chat that can be restored. */
  get deletedMessages(): readonly DeletedMessage[] {
    return this.parts.branch.deletedMessages;
  }

  /** The edit whose message is on the screen; null when there is none. */
  get shownEdit(): OpenEdit | null {
    const { open } = this.edit;
    return open && this.parts.branch.messages.some(({ id }) => id === open.messageId) ? open : null;
  }

  /** Opens the edit box in place of a message, with all parts of an answer. */
  startEdit(messageId: string): void {
    const { branch, newId } = this.parts;
    const parts = branch.partsOf(messageId);
    const [first] = parts;
    const last = parts.at(-1);
    if (!first || !last) return;
    this.edit.start({
      messageId: first.id,
      throughId: last.id,
      role: first.role,
      text: parts.map(({ content }) => content).join(''),
      ...filesOf(first),
      key: newId(),
    });
  }

  /** Opens the edit box for the last message of the user. False when there is none. */
  editLastMessage(): boolean {
    const last = this.parts.branch.messages.findLast(({ role }) => role === 'user');
    if (last) this.startEdit(last.id);
    return last !== undefined;
  }

  writeEdit(text: string): void {
    this.edit.write({ text }, this.parts.newId());
  }

  /** The files of the version that is being written. */
  setEditFiles(files: readonly FileReference[]): void {
    this.edit.write({ files }, this.parts.newId());
  }
}
