/** Defines the options of a client, and the part of them that HTTP requests need. */
import { type Clock, systemClock } from './clientClock.ts';
import type { ClientEnvironment } from './connection/wakeUps.ts';
import type { HttpOptions } from './http/request.ts';

export interface RillClientOptions {
  /** Origin and path before `/api`, such as `http://localhost:3000`. Default '': the page's own origin. */
  readonly baseUrl?: string;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Sent as a bearer token. Default none: a browser sends the cookie that `signIn` set. */
  readonly accessToken?: string;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** From 0 to below 1, for the jitter of retries. Default `Math.random`. */
  readonly random?: () => number;
  /** Where wake-ups come from. Default: the browser's window and document; null in Node. */
  readonly environment?: ClientEnvironment | null;
}

export function httpOptionsOf(options: RillClientOptions): HttpOptions {
  return {
    baseUrl: (options.baseUrl ?? '').replace(/\/+$/, ''),
    // Wrapped, because a browser's fetch must be called on its own window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    accessToken: options.accessToken,
    clock: options.clock ?? systemClock,
  };
}
