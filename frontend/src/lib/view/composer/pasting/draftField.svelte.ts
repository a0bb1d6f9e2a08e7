/**
 * Splits the draft of a chat into the text in the field and long pasted texts, which are shown as chips. The draft
 * itself is always the whole text, so that code that stores, sends or counts it knows of no chips.
 */

export interface PastedText {
  readonly key: number;
  readonly text: string;
}

interface Parts {
  readonly text: string;
  readonly pastes: readonly PastedText[];
}

/** A step that the browser's own Undo does not know: it can be undone while the draft is its result. */
interface Step {
  readonly before: Parts;
  readonly draftAfter: string;
}

export interface Draft {
  draft: string;
}

/** As many steps as are worth to be remembered. */
const maxSteps = 20;

export class DraftField {
  readonly #chat: () => Draft;
  #parts = $state.raw<Parts>({ text: '', pastes: [] });
  /** The draft that the parts make; another one was written elsewhere, and has no chips. */
  #draft = $state.raw('');
  #steps: Step[] = [];
  #lastKey = 0;

  constructor(chat: () => Draft) {
    this.#chat = chat;
  }

  get #shown(): Parts {
    const { draft } = this.#chat();
    return draft === this.#draft ? this.#parts : { text: draft, pastes: [] };
  }

  /** What stands in the text field. */
  get text(): string {
    return this.#shown.text;
  }

  set text(text: string) {
    this.#show({ text, pastes: this.#shown.pastes });
  }

  get pastes(): readonly PastedText[] {
    return this.#shown.pastes;
  }

  /** `text` is what is left in the field, where the paste replaced a selection. */
  addPaste(pasted: string, text = this.text): void {
    this.#lastKey += 1;
    this.#step({ text, pastes: [...this.pastes, { key: this.#lastKey, text: pasted }] });
  }

  removePaste(key: number): void {
    this.#step({ text: this.text, pastes: this.pastes.filter((paste) => paste.key !== key) });
  }

  /** The pasted text becomes a part of the text field, after what is written there. */
  showInField(key: number): void {
    const paste = this.pastes.find((candidate) => candidate.key === key);
    if (!paste) return;
    const others = this.pastes.filter((candidate) => candidate !== paste);
    this.#step({ text: join([this.text, paste.text]), pastes: others });
  }

  /** Replaces the text of the field, in a step that can be undone. */
  replaceText(text: string): void {
    this.#step({ text, pastes: this.pastes });
  }

  /** Takes the last step back. False when something else was done since. */
  undo(): boolean {
    const step = this.#steps.at(-1);
    if (!step || step.draftAfter !== this.#chat().draft) return false;
    this.#steps.pop();
    this.#show(step.before);
    return true;
  }

  #step(parts: Parts): void {
    const before = this.#shown;
    this.#show(parts);
    this.#steps = [...this.#steps, { before, draftAfter: this.#draft }].slice(-maxSteps);
  }

  #show(parts: Parts): void {
    this.#parts = parts;
    this.#draft = join([parts.text, ...parts.pastes.map(({ text }) => text)]);
    this.#chat().draft = this.#draft;
  }
}

const join = (texts: readonly string[]): string => texts.filter((text) => text !== '').join('\n\n');
