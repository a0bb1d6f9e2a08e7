/**
 * Listens for events that make an immediate retry worthwhile: the network is back, the page is visible again, the page
 * leaves the back-forward cache.
 */

/** Where the events come from; a browser's `window` and `document` fit. */
export interface ClientEnvironment {
  /** Fires `online` and `pageshow`. */
  readonly window: EventTarget;
  /** Fires `visibilitychange`. */
  readonly document: EventTarget & { readonly visibilityState: string };
}

/** The browser's own environment; null where there is none, such as in Node. */
export function browserEnvironment(): ClientEnvironment | null {
  return typeof window === 'undefined' || typeof document === 'undefined' ? null : { window, document };
}

/** Calls `onWake` at every wake-up until the returned function is called. */
export function listenForWakeUps(environment: ClientEnvironment | null, onWake: () => void): () => void {
  if (!environment) return () => undefined;
  const listeners = new AbortController();
  const { signal } = listeners;
  environment.window.addEventListener('online', onWake, { signal });
  environment.window.addEventListener('pageshow', onWake, { signal });
  environment.document.addEventListener(
    'visibilitychange',
    () => {
      if (environment.document.visibilityState === 'visible') onWake();
    },
    { signal },
  );
  return () => listeners.abort();
}
