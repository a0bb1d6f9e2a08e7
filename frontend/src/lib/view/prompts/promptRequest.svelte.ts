/**
 * Tracks whether a slash has opened the list of saved prompts, and an Enter that was pressed before the list had
 * loaded.
 */

type TextField = Pick<HTMLTextAreaElement, 'value' | 'selectionStart'>;

/** What is typed behind the slash at `at`; null where that is no word of a list. */
export function readQuery({ value, selectionStart }: TextField, at: number): string | null {
  if (value[at] !== '/' || selectionStart <= at) return null;
  const typed = value.slice(at + 1, selectionStart);
  return /[\s/]/.test(typed) ? null : typed;
}

export class PromptRequest {
  /** Where the slash is; null while nothing is asked for. */
  at = $state<number | null>(null);
  /** From then on it is the list that takes the keys. */
  #isListed = false;
  /** What was typed behind the slash when Enter was pressed. */
  #keptQuery: string | null = null;

  ask(at: number): void {
    this.#begin(at);
  }

  end(): void {
    this.#begin(null);
  }

  /** Ends when what stands behind the slash is no word of a list any more. */
  follow(field: TextField): void {
    if (this.at !== null && readQuery(field, this.at) === null) this.end();
  }

  /** Keeps an Enter for the list that is on its way. False where none is, and the Enter means the message. */
  keepEnter(field: TextField): boolean {
    const query = this.at === null || this.#isListed ? null : readQuery(field, this.at);
    if (query === null) return false;
    this.#keptQuery = query;
    return true;
  }

  /** The list is there. True if an Enter was kept for it, and what is typed behind the slash is still the same. */
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
