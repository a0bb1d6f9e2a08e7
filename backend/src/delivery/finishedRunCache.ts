/**
 * Holds the finished runs that are being read, by id, so that readers of one answer share one copy of its message. A
 * run is dropped with its last reader. Any process may correct the figures of the message, so a copy serves only
 * readers of the version for which it was loaded.
 */
import type { FinishedRunSource } from './finishedRunSource.ts';

/** Distinguishes versions of a message; null is a version, too. */
type Version = string | null;

interface Kept<Copy> {
  readonly version: Version;
  readonly copy: Copy;
}

export class FinishedRunCache {
  readonly #sources = new Map<string, Kept<WeakRef<FinishedRunSource>>>();
  readonly #loading = new Map<string, Kept<Promise<FinishedRunSource>>>();
  readonly #forgotten = new FinalizationRegistry<string>((runId) => {
    if (this.#sources.get(runId)?.copy.deref() === undefined) this.#sources.delete(runId);
  });

  /**
   * The run's source, loaded once for all concurrent callers. `version` is the message's version before `load`. Errors:
   * those of `load`, for each caller.
   */
  async get(
    runId: string,
    version: Version,
    load: () => Promise<FinishedRunSource>,
  ): Promise<FinishedRunSource> {
    const kept = this.#sources.get(runId);
    const known = kept?.version === version ? kept.copy.deref() : undefined;
    if (known) return known;
    const underWay = this.#loading.get(runId);
    if (underWay?.version === version) return underWay.copy;
    const loading = { version, copy: load() };
    this.#loading.set(runId, loading);
    try {
      const source = await loading.copy;
      if (this.#loading.get(runId) === loading) this.#keep(runId, version, source);
      return source;
    } finally {
      if (this.#loading.get(runId) === loading) this.#loading.delete(runId);
    }
  }

  #keep(runId: string, version: Version, source: FinishedRunSource): void {
    this.#sources.set(runId, { version, copy: new WeakRef(source) });
    this.#forgotten.register(source, runId);
  }
}
