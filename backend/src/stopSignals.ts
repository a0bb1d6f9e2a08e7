/**
 * Counts the signals that ask the process to end. One Ctrl+C under npm is one of them: the terminal sends it to the whole
 * process group, and npm, itself in that group, sends it on to its script some milliseconds later.
 */
import type { EventEmitter } from 'node:events';

/** The same signal within this time is the same key press. */
const echoMs = 250;

/** `onStop` is told how many came so far, the one at hand included. */
export function onStopSignals(
  source: Pick<EventEmitter, 'on'>,
  nowMs: () => number,
  onStop: (count: number) => void,
): void {
  const state = { count: 0 };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const last = { atMs: Number.NEGATIVE_INFINITY };
    source.on(signal, () => {
      if (nowMs() - last.atMs < echoMs) return;
      last.atMs = nowMs();
      state.count += 1;
      onStop(state.count);
    });
  }
}
