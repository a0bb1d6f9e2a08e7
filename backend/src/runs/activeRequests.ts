/** Holds an AbortController for each run that this process executes, from the send to the end of the run. */

export interface ActiveRequest {
  readonly signal: AbortSignal;
  /** Resolves when the run has ended and is cleaned up; never rejects. */
  readonly ended: Promise<void>;
}

interface Entry extends ActiveRequest {
  readonly controller: AbortController;
  readonly resolveEnded: () => void;
}

export class ActiveRequests {
  readonly #entries = new Map<string, Entry>();
  readonly #emptyListeners = new Set<() => void>();

  get size(): number {
    return this.#entries.size;
  }

  get(runId: string): ActiveRequest | null {
    return this.#entries.get(runId) ?? null;
  }

  runIds(): string[] {
    return [...this.#entries.keys()];
  }

  register(runId: string): ActiveRequest {
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry: Entry = { controller, signal: controller.signal, ended: promise, resolveEnded: resolve };
    this.#entries.set(runId, entry);
    return entry;
  }

  /** Aborts a run; false when this process does not execute it. Only the first reason counts. */
  abort(runId: string, reason: Error): boolean {
    const entry = this.#entries.get(runId);
    entry?.controller.abort(reason);
    return entry !== undefined;
  }

  abortAll(reason: Error): void {
    for (const runId of this.runIds()) this.abort(runId, reason);
  }

  /** Removes a run that has ended, and resolves all waits for its end. */
  finish(runId: string): void {
    const entry = this.#entries.get(runId);
    this.#entries.delete(runId);
    entry?.resolveEnded();
    if (this.#entries.size === 0) for (const listener of [...this.#emptyListeners]) listener();
  }

  /** Resolves as soon as no run is active. */
  whenEmpty(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const listener = () => {
        this.#emptyListeners.delete(listener);
        resolve();
      };
      this.#emptyListeners.add(listener);
    });
  }
}
