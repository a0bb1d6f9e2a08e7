/**
 * Ends one call of the provider early, for the first cause that is given. An AbortSignal does the same for any number of
 * listeners, and its event target takes a twentieth of the time in which a call is made.
 */
export class CallEnding {
  #isEnded = false;
  #reason: unknown;
  readonly #listeners: (() => void)[] = [];

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Why it was ended; undefined before that. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Calls the listeners once, in their order. A later cause changes nothing. */
  end(reason: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  throwIfEnded(): void {
    if (this.#isEnded) throw this.#reason;
  }

  /** Calls back when the call is ended, unless it is ended already; the returned function removes the listener. */
  onEnd(listener: () => void): () => void {
    if (!this.#isEnded) this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }
}
