/**
 * Counts the signals that ask the process to end. One Ctrl+C under npm counts once: the terminal sends it to the whole
 * process group, and npm, itself in that group, forwards it to its script some milliseconds later.
 */
import type { EventEmitter } from 'node:events';

/** The same signal within this time comes from the same key press, in milliseconds. */
const echoMs = 250;

/** `onStop` gets the number of signals so far, including this one. */
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
