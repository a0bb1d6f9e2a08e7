/**
 * Opens an event stream: writes its head and lets a subscriber serve it. The preamble is sent at once, so that proxies
 * flush.
 */
import type { ServerResponse } from 'node:http';
import { protocolVersion } from '@rill/protocol';
import { type SubscriberOptions, subscribe } from './subscriber.ts';

export interface SseResponseOptions<Position> extends Omit<SubscriberOptions<Position>, 'response'> {
  /** Headers in addition to those of every event stream, such as security headers. */
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
}

/** Responds with 200 and the source's frames from the cursor on. Returns at once; the response ends by itself. */
export function sendEventStream<Position>(
  response: ServerResponse,
  options: SseResponseOptions<Position>,
): void {
  response.writeHead(200, {
    ...options.headers,
    // In lower case, like fastify's names, so that each replaces a header set by a hook.
    'content-type': options.encoder.contentType,
    'cache-control': 'no-cache, no-transform',
    // A proxy that compresses uncompressed responses holds a stream back until its end; Caddy 2.6 does.
    'content-encoding': 'identity',
    'x-accel-buffering': 'no',
    'rill-protocol': String(protocolVersion),
  });
  const { socket } = response;
  // The head leaves with the first frames, and at once.
  socket?.cork();
  response.write(options.encoder.preamble);
  subscribe({ ...options, response });
  socket?.uncork();
}
