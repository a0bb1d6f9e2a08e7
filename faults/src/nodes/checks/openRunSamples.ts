/**
 * Counts repeatedly how many answers are being written: a user may never have more than allowed, on all nodes together.
 */
import { setTimeout } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';

const pauseMs = 150;

export class OpenRunSamples {
  readonly #cluster: Cluster;
  readonly #violations = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  /** The highest count. */
  most = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#done = this.#count();
  }

  /** Resolves with a violation for each count that was too high. */
  async end(): Promise<readonly string[]> {
    this.#stopping.abort();
    await this.#done;
    return [...this.#violations];
  }

  async #count(): Promise<void> {
    const { signal } = this.#stopping;
    const { maxRuns } = this.#cluster;
    while (!signal.aborted) {
      const count = await this.#countOnce();
      this.most = Math.max(this.most, count);
      if (count > maxRuns) this.#violations.add(`${count} answers were open at once, and ${maxRuns} may be`);
      await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #countOnce(): Promise<number> {
    try {
      const [row] = await this.#cluster.rows<{ count: string }>(
        'SELECT count(*) FROM runs WHERE ended_at_ms IS NULL',
      );
      return Number(row?.count);
    } catch {
      // Postgres cannot be reached.
      return 0;
    }
  }
}
