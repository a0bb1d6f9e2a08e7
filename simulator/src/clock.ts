/** Time as the simulator uses it: a monotonic reading and a wait that a disconnect ends. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Pacing depends on this only, so a test can drive it by hand. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. */
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
