/** Provides the simulator's clock: a monotonic reading, and a wait that a disconnect ends. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Pacing depends on this clock only, so a test can drive it. */
export interface Clock {
  /** Monotonic milliseconds; only differences are meaningful. */
  nowMs(): number;
  /** Resolves after `delayMs`; 0 waits one turn of the event loop. Rejects when the signal aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>;
}

/** The real clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wait: async (delayMs, signal) => {
    if (delayMs > 0) await wait(delayMs, undefined, { signal });
    else await nextTurn(undefined, { signal });
  },
};
