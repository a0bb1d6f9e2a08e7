/**
 * Decides when a node may consider others dead. While the database cannot be reached no node can renew its lease, so an
 * expired one means nothing then: a node fences others only after its own renewals have worked for one whole lease.
 */

/** Longest time between two renewals that counts as no gap, in milliseconds. */
const maxGapMs = 5000;
/**
 * A statement that takes longer was held up, by the line or by the database, in milliseconds. After a shorter time the
 * others still have half of their lease to renew it.
 */
const maxAnswerMs = 2500;

export class OutageGrace {
  readonly #leaseMs: number;
  #steadySinceMs: number | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** A renewal that was asked for at `askedMs` worked at `answeredMs`. */
  renewed(askedMs: number, answeredMs: number): void {
    if (askedMs - this.#lastMs > maxGapMs) this.#steadySinceMs = null;
    this.answered(askedMs, answeredMs);
    this.#lastMs = answeredMs;
    this.#steadySinceMs ??= answeredMs;
  }

  /** Another statement was answered: what it says of others is old when it was held up. */
  answered(askedMs: number, answeredMs: number): void {
    if (answeredMs - askedMs > maxAnswerMs) this.#steadySinceMs = null;
  }

  failed(): void {
    this.#steadySinceMs = null;
  }

  allowsFencing(nowMs: number): boolean {
    if (this.#steadySinceMs === null || nowMs - this.#lastMs > maxGapMs) return false;
    return nowMs - this.#steadySinceMs > this.#leaseMs;
  }
}
