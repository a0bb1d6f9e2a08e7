/**
 * Provides named gates that let a test stop an answer at an exact point.
 * A release is a latch: it opens the gate for current and for later waiters.
 */
import { EventEmitter, once } from 'node:events';
import type { RecordedRequest } from './requestLog.ts';

/** The gates of one simulator. */
export class Holds {
  readonly #released = new Set<string>();
  readonly #reached = new Map<string, RecordedRequest>();
  readonly #events = new EventEmitter().setMaxListeners(0);

  /** Opens the gate for good. */
  release(name: string): void {
    this.#released.add(name);
    this.#events.emit(`release:${name}`);
  }

  /** Waits at the gate. Rejects when the signal aborts. */
  async pass(name: string, request: RecordedRequest, signal: AbortSignal): Promise<void> {
    this.#reached.set(name, request);
    this.#events.emit(`reach:${name}`);
    if (this.#released.has(name)) return;
    await once(this.#events, `release:${name}`, { signal });
  }

  /** Resolves with the request that waits at the gate, or the last one that did. */
  async waitForHold(name: string, signal: AbortSignal): Promise<RecordedRequest> {
    const reached = this.#reached.get(name);
    if (reached !== undefined) return reached;
    await once(this.#events, `reach:${name}`, { signal });
    return this.waitForHold(name, signal);
  }
}
