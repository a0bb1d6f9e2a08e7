/** Events that are pushed, as an iteration for one reader. It ends after `end`, or throws after `fail`, exactly once. */

export class EventQueue<Event> implements AsyncIterable<Event> {
  readonly #waiting: Event[] = [];
  #ending: { readonly error: unknown } | 'quiet' | null = null;
  #wake: () => void = () => undefined;

  push(event: Event): void {
    if (this.#ending) return;
    this.#waiting.push(event);
    this.#wake();
  }

  /** What was pushed before is still read. */
  end(): void {
    this.#ending ??= 'quiet';
    this.#wake();
  }

  fail(error: unknown): void {
    this.#ending ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) yield event;
      else if (this.#ending === 'quiet') return;
      else if (this.#ending) throw this.#ending.error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
