/**
 * Collects notes about what was not understood in one conversation, each kind once with its count, so that a report
 * stays short.
 */

/** Kinds that are named; further ones are counted together. */
const maxKinds = 20;
const maxNameLength = 60;

export class ImportNotes {
  readonly #counts = new Map<string, number>();

  /** `what` in the singular, such as "circular link". `name` is a term of the product. */
  add(what: string, name = ''): void {
    const named = name === '' ? what : `${what}: ${shortName(name)}`;
    const key = this.#counts.has(named) || this.#counts.size < maxKinds ? named : 'something else';
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Counts once per conversation, even if a product states it twice. */
  addPrompt(...stated: readonly unknown[]): void {
    if (stated.some((text) => typeof text === 'string' && text.trim() !== ''))
      this.#counts.set('system prompt', 1);
  }

  /** Adds a note if the value is not a list; missing and null count as an empty one. */
  addUnlessList(value: unknown): void {
    if (value !== undefined && value !== null && !Array.isArray(value))
      this.add('list of messages that is none');
  }

  toList(): string[] {
    return [...this.#counts].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`));
  }
}

const shortName = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names of another product may hold anything
  name.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, maxNameLength);
