/** Holds the message that is being edited in one chat, across reloads, until the server has the edited version. */
import type { FileReference } from '@rill/protocol';
import type { DraftStore } from '../unsent/draftStore.ts';

/** The text of the edit box that replaces a message. */
export interface OpenEdit {
  /** The message, or the first part of the answer. */
  readonly messageId: string;
  /** The last part of the answer; the same for an answer of one part, and for a message of the user. */
  readonly throughId: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** The files of a user's message; absent for none. */
  readonly files?: readonly FileReference[];
  /** Idempotency key of the send that it leads to. */
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

  /** A changed text is another send, and so are changed files. */
  write(change: Partial<Pick<OpenEdit, 'text' | 'files'>>, key: string): void {
    if (this.open) this.#keep({ ...this.open, ...change, key });
  }

  /** Closes the box; its text is kept until `forget`. */
  close(): void {
    this.open = null;
  }

  /** Deletes the text. */
  forget(): void {
    this.open = null;
    this.#drafts.write(this.#draftKey(), '');
  }

  #keep(edit: OpenEdit): void {
    this.open = edit;
    this.#drafts.write(this.#draftKey(), JSON.stringify(edit));
  }
}

/** Null for data that another version wrote. */
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
