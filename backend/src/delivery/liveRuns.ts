/** Keeps the runs that this process writes, by id. */
import { LiveRunSource } from './liveRunSource.ts';

export class LiveRuns {
  readonly #runs = new Map<string, LiveRunSource>();

  open(runId: string): LiveRunSource {
    const run = new LiveRunSource(runId);
    this.#runs.set(runId, run);
    return run;
  }

  get(runId: string): LiveRunSource | null {
    return this.#runs.get(runId) ?? null;
  }

  /** Removes a run; its subscribers keep reading from its source. */
  delete(runId: string): void {
    this.#runs.delete(runId);
  }

  get size(): number {
    return this.#runs.size;
  }
}
