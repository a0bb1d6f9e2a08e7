/** The wait before a retry: over in time, at once at a wake-up, and at once after an abort. */
import type { Clock } from './clock.ts';
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
