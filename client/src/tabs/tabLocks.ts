/**
 * Takes locks shared by tabs and holds them for any time. The browser frees the locks of a tab however it ends. Where
 * the browser has no locks, or refuses them, each tab gets every lock that it requests.
 */
import type { LockRequester } from './tabEnvironment.ts';

/** Releases a lock; later calls do nothing. */
export type ReleaseLock = () => void;

const noopRelease: ReleaseLock = () => undefined;

/** The first of the named locks to become free, in the order of the requests; null after an abort. */
export function waitForLock(
  locks: LockRequester | null,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReleaseLock | null> {
  if (signal.aborted) return Promise.resolve(null);
  if (!locks) return Promise.resolve(noopRelease);
  const { promise, resolve } = Promise.withResolvers<ReleaseLock | null>();
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  let isTaken = false;
  const hold = (): Promise<void> => {
    // One is enough: a second that was granted at the same moment is released at once.
    if (isTaken || signal.aborted) return Promise.resolve();
    isTaken = true;
    others.abort();
    return new Promise((release) => resolve(release));
  };
  for (const name of names) {
    locks.request(name, { signal: either }, hold).catch(() => resolve(signal.aborted ? null : noopRelease));
  }
  signal.addEventListener('abort', () => resolve(null), { once: true, signal: others.signal });
  return promise;
}

/** The first of the named locks that is free now; null when none is. */
export async function takeLock(
  locks: LockRequester | null,
  names: readonly string[],
): Promise<ReleaseLock | null> {
  if (!locks) return noopRelease;
  for (const name of names) {
    const release = await new Promise<ReleaseLock | null>((resolve) => {
      const hold = (lock: unknown): Promise<void> => {
        if (lock) return new Promise((release) => resolve(release));
        resolve(null);
        return Promise.resolve();
      };
      locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(noopRelease));
    });
    if (release) return release;
  }
  return null;
}
