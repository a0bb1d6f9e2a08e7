/**
 * Reads state that local actions also change. A response that is older than the latest local change is dropped and
 * requested again, so that the shown state never goes back in time.
 */

export interface LatestRequestOptions<Answer> {
  readonly read: (signal: AbortSignal) => Promise<Answer>;
  readonly onAnswer: (answer: Answer) => void;
  readonly onFailure: (error: unknown) => void;
}

export class LatestRequest<Answer> {
  readonly #options: LatestRequestOptions<Answer>;
  readonly #lifetime = new AbortController();
  #underWay: Promise<void> | null = null;
  #isStale = false;

  constructor(options: LatestRequestOptions<Answer>) {
    this.#options = options;
  }

  /** Resolves when a response was accepted that is no older than this call, or reading failed. */
  async read(): Promise<void> {
    if (this.#lifetime.signal.aborted) return;
    this.#isStale = true;
    this.#underWay ??= this.#readUntilFresh();
    await this.#underWay;
  }

  /** Resolves when the current read has ended; null when nothing is being read. */
  get underWay(): Promise<void> | null {
    return this.#underWay;
  }

  /** Notes a change that a pending response may not include. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** Stops all callbacks. */
  dispose(): void {
    this.#lifetime.abort();
  }

  async #readUntilFresh(): Promise<void> {
    const { read, onAnswer, onFailure } = this.#options;
    const { signal } = this.#lifetime;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const answer = await read(signal);
        if (signal.aborted) return;
        if (!this.#isStale) onAnswer(answer);
      }
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    } finally {
      this.#underWay = null;
    }
  }
}
