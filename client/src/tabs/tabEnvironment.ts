/**
 * Describes what a tab shares with the other tabs of its browser, and how it learns whether it is visible. It is passed
 * in, so that tests can replace it; a browser's `window`, `document`, `navigator.locks` and `BroadcastChannel` fit.
 */
import { browserEnvironment, type ClientEnvironment } from '../connection/wakeUps.ts';

/** Locks among the tabs of one origin; a browser's `LockManager` fits. */
export interface LockRequester {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly ifAvailable?: boolean },
    callback: (lock: unknown) => Promise<void>,
  ): Promise<unknown>;
}

/** Messages to the other tabs of one origin, in order, never to itself; a `BroadcastChannel` fits. */
export interface TabChannel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Fires, besides the wake-ups, `pagehide` and `pageshow` at the window, and `freeze` and `resume` at the document. */
export interface TabEnvironment extends ClientEnvironment {
  /** Null where the browser has none, such as on plain HTTP: then each tab is on its own. */
  readonly locks: LockRequester | null;
  openChannel(name: string): TabChannel;
}

/**
 * The browser's own; null where there is none, such as in Node. `scope` keeps servers apart that share an origin, such
 * as their base path: tabs share with those of the same scope.
 */
export function browserTabEnvironment(scope = ''): TabEnvironment | null {
  const environment = browserEnvironment();
  if (!environment) return null;
  const hasChannels = typeof BroadcastChannel !== 'undefined';
  // Typed as always there, but only secure contexts have it.
  const locks = hasChannels ? (navigator as Partial<Navigator>).locks : undefined;
  const scopedLocks: LockRequester | null = locks
    ? { request: (name, options, callback) => locks.request(scope + name, options, callback) }
    : null;
  return { ...environment, locks: scopedLocks, openChannel: (name) => new BroadcastChannel(scope + name) };
}
