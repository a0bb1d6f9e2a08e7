/** Makes one HTTP request: JSON in, JSON or a RillError out. The only file that calls `fetch`. */
import { isJsonObject, parseJson, RillError } from '@rill/protocol';
import type { Clock } from '../clientClock.ts';

import { type Refusal, readRefusal, unexpectedAnswerError, unreachableError } from './responseError.ts';
import { type ClientRoute, fillPath } from './routePath.ts';

export interface HttpOptions {
  /** Put before every path; '' for the page's own origin. No slash at its end. */
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Sent as a bearer token when given; a browser on the same origin sends its cookie instead. */
  readonly accessToken: string | undefined;
  readonly clock: Clock;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON when given. */
  readonly body?: object;
  /** Sent as it is when given, by its own type. */
  readonly bytes?: Blob;
  readonly signal?: AbortSignal | undefined;
}

/** How a request for an event stream was answered. */
export type StreamAnswer =
  | { readonly kind: 'stream'; readonly headers: Headers; readonly body: ReadableStream<Uint8Array> }
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'unreachable'; readonly error: RillError };

function send(http: HttpOptions, request: HttpRequest, accept: string): Promise<Response> {
  return http.fetch(http.baseUrl + request.path, {
    method: request.method,
    cache: 'no-store',
    headers: {
      accept,
      ...(request.body && { 'content-type': 'application/json' }),
      ...(http.accessToken && { authorization: `Bearer ${http.accessToken}` }),
      ...request.headers,
    },
    ...(request.body && { body: JSON.stringify(request.body) }),
    ...(request.bytes && { body: request.bytes }),
    ...(request.signal && { signal: request.signal }),
  });
}

export interface JsonCall {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly bytes?: Blob;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a JSON route once and resolves with its body, null for 204.
 * Errors: RillError for a refusal, an unreachable server or an answer without the route's fields; after an abort,
 * the signal's reason.
 */
export async function callRoute(http: HttpOptions, route: ClientRoute, call: JsonCall): Promise<unknown> {
  const path = fillPath(route.path, call.params ?? {}) + queryText(call.query ?? {});
  const request: HttpRequest = {
    method: route.method,
    path,
    ...(call.headers && { headers: call.headers }),
    ...(call.body && { body: call.body }),
    ...(call.bytes && { bytes: call.bytes }),
    signal: call.signal,
  };
  try {
    const response = await send(http, request, 'application/json');
    return await readSuccess(response, route, http.clock.nowMs());
  } catch (cause) {
    call.signal?.throwIfAborted();
    throw cause instanceof RillError ? cause : unreachableError(cause);
  }
}

async function readSuccess(response: Response, route: ClientRoute, nowMs: number): Promise<unknown> {
  const isOther = route.otherStatuses?.includes(response.status) ?? false;
  if (!response.ok && !isOther) throw (await readRefusal(response, nowMs)).error;
  const text = await response.text();
  if (route.fields.length === 0) return null;
  const body = parseJson(text);
  if (!isJsonObject(body) || !route.fields.every((field) => Object.hasOwn(body, field))) {
    throw unexpectedAnswerError(response.status);
  }
  return body;
}

function queryText(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/**
 * Requests an event stream once. Resolves with the kind of response; the caller decides what it means.
 * Errors: none. An abort shows as `unreachable`.
 */
export async function openStream(http: HttpOptions, request: HttpRequest): Promise<StreamAnswer> {
  try {
    const response = await send(http, request, 'text/event-stream');
    if (response.status === 204) return { kind: 'nothing' };
    if (!response.ok) return { kind: 'refused', ...(await readRefusal(response, http.clock.nowMs())) };
    return await streamOf(response);
  } catch (cause) {
    return { kind: 'unreachable', error: unreachableError(cause) };
  }
}

/** The bytes of a file, as they come. Errors: RillError for a refusal or an unreachable server. */
export async function openBytes(
  http: HttpOptions,
  request: HttpRequest,
): Promise<ReadableStream<Uint8Array>> {
  try {
    const response = await send(http, request, '*/*');
    if (!response.ok) throw (await readRefusal(response, http.clock.nowMs())).error;
    if (!response.body) throw unexpectedAnswerError(response.status);
    return response.body;
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw cause instanceof RillError ? cause : unreachableError(cause);
  }
}

async function streamOf(response: Response): Promise<StreamAnswer> {
  const { headers, body, status } = response;
  const isStream = headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
  if (isStream && body) return { kind: 'stream', headers, body };
  await body?.cancel();
  return { kind: 'refused', error: unexpectedAnswerError(status), httpStatus: status, isFromRill: false };
}
