/**
 * Checks samples of the frames that readers were shown: each is in the log at once, read directly from the database,
 * because only committed text may be shown.
 */
import { setTimeout } from 'node:timers/promises';
import type { Cursor } from '@rill/protocol';
import type { Cluster } from '../cluster.ts';
import { allEvents } from './storedFacts.ts';

/** One of this many frames is checked. */
const framesPerSample = 25;
const pauseMs = 100;

export class ShownSamples {
  readonly #cluster: Cluster;
  #frameCount = 0;
  readonly #waiting: Cursor[] = [];
  #isOver = false;
  readonly #violations: string[] = [];
  readonly #done: Promise<void>;
  checkedCount = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#done = this.#check();
  }

  add(cursor: Cursor): void {
    this.#frameCount += 1;
    if (this.#frameCount % framesPerSample === 0) this.#waiting.push(cursor);
  }

  /** Resolves with what was shown but not stored, when all samples are checked. */
  async end(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#done;
    return this.#violations;
  }

  async #check(): Promise<void> {
    for (;;) {
      const isLast = this.#isOver;
      const cursors = this.#waiting.splice(0);
      if (cursors.length > 0) await this.#look(cursors);
      if (isLast && this.#waiting.length === 0) return;
      await setTimeout(pauseMs);
    }
  }

  async #look(cursors: readonly Cursor[]): Promise<void> {
    const list = cursors
      .map(({ runId, seq, contentLength }) => `('${runId}', ${seq}, ${contentLength})`)
      .join(',');
    try {
      const missing = await this.#cluster.rows<{ id: string; seq: number; length: number }>(
        `SELECT w.id, w.seq, w.length FROM (VALUES ${list}) AS w (id, seq, length)
          WHERE NOT EXISTS (SELECT FROM ${allEvents} AS e
            WHERE e.run_id = w.id AND e.seq >= w.seq AND e.content_length >= w.length)`,
      );
      for (const { id, seq, length } of missing)
        this.#violations.push(`event ${seq} of run ${id}, ${length} characters, was shown and is not stored`);
      this.checkedCount += cursors.length;
    } catch {
      // Postgres cannot be reached: they are checked when it is back.
      this.#waiting.unshift(...cursors);
      if (this.#isOver) await setTimeout(pauseMs);
    }
  }
}
