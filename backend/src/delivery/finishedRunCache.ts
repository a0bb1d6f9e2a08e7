/**
 * Holds the finished runs that are being read, by id, so that readers of one answer share one copy of its message. A run
 * is forgotten when its last reader has gone.
 */
import type { FinishedRunSource } from './finishedRunSource.ts';

export class FinishedRunCache {
  readonly #sources = new Map<string, WeakRef<FinishedRunSource>>();
  readonly #loading = new Map<string, Promise<FinishedRunSource>>();
  readonly #forgotten = new FinalizationRegistry<string>((runId) => {
    if (this.#sources.get(runId)?.deref() === undefined) this.#sources.delete(runId);
  });

  /** The run's source, loaded once for all readers that ask meanwhile. Errors: those of `load`, for each of them. */
  async get(runId: string, load: () => Promise<FinishedRunSource>): Promise<FinishedRunSource> {
    const known = this.#sources.get(runId)?.deref();
    if (known) return known;
    const underWay = this.#loading.get(runId);
    if (underWay) return underWay;
    const loading = load();
    this.#loading.set(runId, loading);
    try {
      const source = await loading;
      if (this.#loading.get(runId) === loading) this.#keep(runId, source);
      return source;
    } finally {
      if (this.#loading.get(runId) === loading) this.#loading.delete(runId);
    }
  }

  /** Forgets a run whose message was corrected, so that the next reader loads it again. */
  invalidate(runId: string): void {
    this.#sources.delete(runId);
    this.#loading.delete(runId);
  }

  #keep(runId: string, source: FinishedRunSource): void {
    this.#sources.set(runId, new WeakRef(source));
    this.#forgotten.register(source, runId);
  }
}
