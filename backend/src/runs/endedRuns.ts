/**
 * Ended runs that are being read, by id: readers of one answer share one copy of its message. A run is forgotten when
 * its last reader has gone.
 */
import type { Cursor } from '@rill/protocol';
import type { FrameSource } from '../log/sourceFrame.ts';

/** A run that has ended, made by `createEndedRun`. */
export interface EndedRun extends FrameSource {
  /** True when the cursor has the terminal event. Errors: cursor_invalid for a place after the end. */
  isAtEnd(cursor: Cursor): boolean;
}

export class EndedRuns {
  readonly #sources = new Map<string, WeakRef<EndedRun>>();
  readonly #loading = new Map<string, Promise<EndedRun>>();
  readonly #forgotten = new FinalizationRegistry<string>((runId) => {
    if (this.#sources.get(runId)?.deref() === undefined) this.#sources.delete(runId);
  });

  /** The run's source, loaded once for all who ask meanwhile. Errors: those of `load`, for each who asked. */
  async get(runId: string, load: () => Promise<EndedRun>): Promise<EndedRun> {
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

  /** Something of the run's message was corrected: whoever asks from now on gets it anew. */
  outdate(runId: string): void {
    this.#sources.delete(runId);
    this.#loading.delete(runId);
  }

  #keep(runId: string, source: EndedRun): void {
    this.#sources.set(runId, new WeakRef(source));
    this.#forgotten.register(source, runId);
  }
}
