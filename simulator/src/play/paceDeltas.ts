/**
 * Turns a list of deltas and a rate into groups to send now, with the waits between them.
 * Every delta is yielded once, in order; at a high rate several share a group, so the average rate is kept
 * although timers are no finer than a millisecond.
 */
import type { Clock } from '../waitClock.ts';

/** Upper bound of one group: keeps each write small when the reader or the timer was late. */
const maxGroupLength = 64;

/**
 * Yields groups of deltas at `tokensPerSecond`, the first one at once.
 * Units: tokens are deltas here. 0 means no pace: full groups, one event loop turn apart.
 * Errors: rejects with the signal's reason when the signal aborts during a wait.
 */
export async function* paceDeltas(
  deltas: readonly string[],
  tokensPerSecond: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void, void> {
  const startedAtMs = clock.nowMs();
  let sent = 0;
  while (sent < deltas.length) {
    const due = tokensPerSecond > 0 ? dueCount(clock.nowMs() - startedAtMs, tokensPerSecond) : deltas.length;
    const end = Math.min(due, sent + maxGroupLength, deltas.length);
    if (end > sent) {
      yield deltas.slice(sent, end);
      sent = end;
    }
    if (tokensPerSecond > 0) {
      // Also after the last delta, so that the pace is kept between consecutive texts.
      const nextDueAtMs = startedAtMs + (sent * 1000) / tokensPerSecond;
      await clock.wait(Math.max(0, Math.ceil(nextDueAtMs - clock.nowMs())), signal);
    } else if (sent < deltas.length) {
      await clock.wait(0, signal);
    }
  }
}

function dueCount(elapsedMs: number, tokensPerSecond: number): number {
  return Math.floor((elapsedMs * tokensPerSecond) / 1000 + 1e-6) + 1;
}
