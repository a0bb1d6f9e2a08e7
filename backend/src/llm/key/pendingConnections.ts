/**
 * Remembers the verifiers of connections (OAuth with PKCE) that have begun. A verifier is sent to the provider and to
 * no other server. It is valid once, for ten minutes, and only for the session that began the connection.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';

/** As long as OpenRouter's codes are good. */
export const connectionLifeMs = 10 * 60_000;
/** Beyond these the oldest is forgotten. */
const maxPendingCount = 20;

interface PendingConnection {
  readonly verifier: string;
  /** Null where no session is needed. */
  readonly sessionId: string | null;
  readonly expiresAtMs: number;
}

export class PendingConnections {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  readonly #byState = new Map<string, PendingConnection>();

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  begin(sessionId: string | null): { readonly state: string; readonly challenge: string } {
    for (const [state, { expiresAtMs }] of this.#byState) {
      const isOver = expiresAtMs <= this.#clock.elapsedMs();
      if (isOver || this.#byState.size >= maxPendingCount) this.#byState.delete(state);
    }
    const [state, verifier] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url')];
    const expiresAtMs = this.#clock.elapsedMs() + connectionLifeMs;
    this.#byState.set(state, { verifier, sessionId, expiresAtMs });
    return { state, challenge: createHash('sha256').update(verifier).digest('base64url') };
  }

  /** The verifier, once; null when the state is unknown, too old, or of another session. */
  take(state: string, sessionId: string | null): string | null {
    const pending = this.#byState.get(state);
    if (pending === undefined || pending.sessionId !== sessionId) return null;
    this.#byState.delete(state);
    return pending.expiresAtMs > this.#clock.elapsedMs() ? pending.verifier : null;
  }
}
