/**
 * Decides when a node may consider others dead. While the database cannot be reached no node can renew its lease, so an
 * expired lease proves nothing: a node fences others only after its own renewals have worked for one whole lease.
 */

/** Longest time between two renewals that does not count as an outage, in milliseconds. */
const maxGapMs = 5000;
/**
 * A statement that takes longer was delayed by the network or the database, in milliseconds. Within this time, others
 * still have half of their lease to renew it.
 */
const maxAnswerMs = 2500;

export class OutageGrace {
  readonly #leaseMs: number;
  #steadySinceMs: number | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** A renewal sent at `askedMs` was confirmed at `answeredMs`. */
  renewed(askedMs: number, answeredMs: number): void {
    if (askedMs - this.#lastMs > maxGapMs) this.#steadySinceMs = null;
    this.answered(askedMs, answeredMs);
    this.#lastMs = answeredMs;
    this.#steadySinceMs ??= answeredMs;
  }

  /** Another statement was answered: if it was delayed, what it reports about others is outdated. */
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
