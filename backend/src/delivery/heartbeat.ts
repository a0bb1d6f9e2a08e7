/** Calls back after each interval without a write, so that proxies and clients do not consider a silent stream dead. */
import type { Clock } from '../clock.ts';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** In milliseconds. */
  readonly intervalMs: number;
  readonly onSilence: () => void;
}

export interface Heartbeat {
  /** Notes that something was written now. */
  noteWrite(): void;
  stop(): void;
}

export function startHeartbeat({ clock, intervalMs, onSilence }: HeartbeatOptions): Heartbeat {
  let lastWriteMs = clock.elapsedMs();
  let cancelTimer: () => void;
  const beat = (): void => {
    if (clock.elapsedMs() - lastWriteMs >= intervalMs) onSilence();
    const waitMs = lastWriteMs + intervalMs - clock.elapsedMs();
    cancelTimer = clock.schedule(waitMs > 0 ? waitMs : intervalMs, beat);
  };
  cancelTimer = clock.schedule(intervalMs, beat);
  return {
    noteWrite: () => {
      lastWriteMs = clock.elapsedMs();
    },
    stop: () => cancelTimer(),
  };
}
