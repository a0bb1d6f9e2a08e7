/**
 * Remembers the verifiers of connections (OAuth with PKCE) that were begun. A verifier leaves the server only to the
 * provider, is returned once, within ten minutes, and only for the session that began.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';

/** Lifetime of OpenRouter's codes, in milliseconds. */
export const connectionLifeMs = 10 * 60_000;
/** When there are more, the oldest is dropped. */
export const maxPendingCount = 20;

/** Where they are stored: in this process, or where every node of a database finds them. */
export interface ConnectionStore {
  /** Stores one, and drops those that are too old or too many. */
  put(connection: BegunConnection): Promise<void>;
  /** Removes one and returns its verifier; null if it is unknown, too old, or of another session. */
  take(stateHash: string, sessionId: string | null): Promise<string | null>;
}

export interface BegunConnection {
  /** A hash of the state that the page sends back: the stored data alone cannot complete a connection. */
  readonly stateHash: string;
  readonly verifier: string;
  /** Null where no session is needed. */
  readonly sessionId: string | null;
}

export class PendingConnections {
  readonly #store: ConnectionStore;

  constructor(store: ConnectionStore) {
    this.#store = store;
  }

  async begin(sessionId: string | null): Promise<{ readonly state: string; readonly challenge: string }> {
    const [state, verifier] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url')];
    await this.#store.put({ stateHash: hashOf(state), verifier, sessionId });
    return { state, challenge: hashOf(verifier) };
  }

  /** The verifier, once; null if the state is unknown, too old, or of another session. */
  take(state: string, sessionId: string | null): Promise<string | null> {
    return this.#store.take(hashOf(state), sessionId);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Keeps them in this process. */
export class MemoryConnections implements ConnectionStore {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  readonly #byState = new Map<string, BegunConnection & { readonly expiresAtMs: number }>();

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  async put(connection: BegunConnection): Promise<void> {
    for (const [stateHash, { expiresAtMs }] of this.#byState) {
      const isOver = expiresAtMs <= this.#clock.elapsedMs();
      if (isOver || this.#byState.size >= maxPendingCount) this.#byState.delete(stateHash);
    }
    const expiresAtMs = this.#clock.elapsedMs() + connectionLifeMs;
    this.#byState.set(connection.stateHash, { ...connection, expiresAtMs });
  }

  async take(stateHash: string, sessionId: string | null): Promise<string | null> {
    const begun = this.#byState.get(stateHash);
    if (begun === undefined || begun.sessionId !== sessionId) return null;
    this.#byState.delete(stateHash);
    return begun.expiresAtMs > this.#clock.elapsedMs() ? begun.verifier : null;
  }
}
