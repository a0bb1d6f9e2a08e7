/**
 * Ends one call of the provider early, for the first cause given. An AbortSignal would do the same for any number of
 * listeners, but its event target takes a twentieth of the time of starting a call.
 */
export class CallEnding {
  #isEnded = false;
  #reason: unknown;
  readonly #listeners: (() => void)[] = [];

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The cause; undefined while the call is open. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Calls the listeners once, in order. A later cause changes nothing. */
  end(reason: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  throwIfEnded(): void {
    if (this.#isEnded) throw this.#reason;
  }

  /** Calls back when the call is ended, but not if it has been already; the returned function removes the listener. */
  onEnd(listener: () => void): () => void {
    if (!this.#isEnded) this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }
}
