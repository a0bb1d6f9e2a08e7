/**
 * Gives a round up that hangs. The time of its fault does not count: some readers stall until the fault is over, and on
 * a busy machine that alone may last longer than a round.
 */
export class RoundLimit {
  readonly #limitMs: number;
  readonly #giveUp = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.restart();
  }

  /** Aborted when the round is given up. */
  get signal(): AbortSignal {
    return this.#giveUp.signal;
  }

  /** Counts from now on. */
  restart(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#giveUp.abort(), this.#limitMs);
  }

  /** Does not count until the next `restart`. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
