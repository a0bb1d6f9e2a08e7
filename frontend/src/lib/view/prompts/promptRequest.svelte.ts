/**
 * Tracks whether a slash has opened the list of saved prompts, and an Enter that was pressed before the list had
 * loaded.
 */

type TextField = Pick<HTMLTextAreaElement, 'value' | 'selectionStart'>;

/** The word after the slash at `at`; null where it cannot be a search word. */
export function readQuery({ value, selectionStart }: TextField, at: number): string | null {
  if (value[at] !== '/' || selectionStart <= at) return null;
  const typed = value.slice(at + 1, selectionStart);
  return /[\s/]/.test(typed) ? null : typed;
}

export class PromptRequest {
  /** The position of the slash; null while the list is not requested. */
  at = $state<number | null>(null);
  /** From then on the list handles the keys. */
  #isListed = false;
  /** The word after the slash when Enter was pressed. */
  #keptQuery: string | null = null;

  ask(at: number): void {
    this.#begin(at);
  }

  end(): void {
    this.#begin(null);
  }

  /** Ends when the text after the slash can no longer be a search word. */
  follow(field: TextField): void {
    if (this.at !== null && readQuery(field, this.at) === null) this.end();
  }

  /** Keeps an Enter for the list that is loading. False where none is, and the Enter is meant for the message. */
  keepEnter(field: TextField): boolean {
    const query = this.at === null || this.#isListed ? null : readQuery(field, this.at);
    if (query === null) return false;
    this.#keptQuery = query;
    return true;
  }

  /**
   * Called when the list is loaded. True if an Enter was kept for it and the word after the slash is still the same.
   */
  takeEnter(query: string): boolean {
    const isKept = this.#keptQuery === query;
    this.#isListed = true;
    this.#keptQuery = null;
    return isKept;
  }

  #begin(at: number | null): void {
    this.at = at;
    this.#isListed = false;
    this.#keptQuery = null;
  }
}
