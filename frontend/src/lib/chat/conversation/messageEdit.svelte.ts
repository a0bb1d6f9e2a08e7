/** Holds the message that is being edited in one chat, across reloads, until the server has the edited version. */
import type { FileReference } from '@rill/protocol';
import type { DraftStore } from '../unsent/draftStore.ts';

/** What is written into the box in place of a message. */
export interface OpenEdit {
  /** The message, or the first part of the answer. */
  readonly messageId: string;
  /** The last part of the answer; the same for an answer of one part, and for a message of the user. */
  readonly throughId: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** What goes with a message of the user; absent for nothing. */
  readonly files?: readonly FileReference[];
  /** Idempotency key of the send that it becomes. */
  readonly key: string;
}

export class MessageEdit {
  open = $state.raw<OpenEdit | null>(null);
  /** True for one that was opened here, and not found after a reload: it takes the focus. */
  isFresh = false;
  readonly #drafts: DraftStore;
  readonly #draftKey: () => string;

  constructor(drafts: DraftStore, draftKey: () => string) {
    this.#drafts = drafts;
    this.#draftKey = draftKey;
    this.open = parse(drafts.read(draftKey()));
  }

  start(edit: OpenEdit): void {
    this.isFresh = true;
    this.#keep(edit);
  }

  /** Another text is another send, and so is one with other files. */
  write(change: Partial<Pick<OpenEdit, 'text' | 'files'>>, key: string): void {
    if (this.open) this.#keep({ ...this.open, ...change, key });
  }

  /** Closes the box; its text stays kept until `forget`. */
  close(): void {
    this.open = null;
  }

  /** The text is not needed any more. */
  forget(): void {
    this.open = null;
    this.#drafts.write(this.#draftKey(), '');
  }

  #keep(edit: OpenEdit): void {
    this.open = edit;
    this.#drafts.write(this.#draftKey(), JSON.stringify(edit));
  }
}

/** Null for what this version did not write. */
function parse(stored: string): OpenEdit | null {
  try {
    const { messageId, throughId, role, text, files, key } = JSON.parse(stored) as Record<string, unknown>;
    const texts = [messageId, throughId, text, key];
    if (!texts.every((value) => typeof value === 'string') || (role !== 'user' && role !== 'assistant'))
      return null;
    const filesPart = Array.isArray(files) ? { files } : {};
    return { messageId, throughId, role, text, key, ...filesPart } as OpenEdit;
  } catch {
    return null;
  }
}
