/** Waits before a retry: for its time, or until a wake-up or an abort ends the wait at once. */
import type { Clock } from '../clientClock.ts';
import { type ClientEnvironment, listenForWakeUps } from './wakeUps.ts';

/** Resolves after `delayMs`, at a wake-up or after an abort, and leaves no timer or listener behind. Never rejects. */
export function waitForRetry(
  delayMs: number,
  clock: Clock,
  environment: ClientEnvironment | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancelTimer();
      stopListening();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancelTimer = clock.schedule(delayMs, finish);
    const stopListening = listenForWakeUps(environment, finish);
    signal?.addEventListener('abort', finish);
  });
}
