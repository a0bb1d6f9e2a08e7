/** The head of an event stream, then a subscriber. The first comment leaves at once, so that proxies flush. */
import type { ServerResponse } from 'node:http';
import { protocolVersion, streamPreamble } from '@rill/protocol';
import { type SubscriberOptions, subscribe } from './subscriber.ts';

export interface SseResponseOptions<Place> extends Omit<SubscriberOptions<Place>, 'response'> {
  /** Headers beside those of every event stream, such as the security headers. */
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
}

/** Answers 200 with the source's frames from the cursor on. Returns at once; the response ends by itself. */
export function sendEventStream<Place>(response: ServerResponse, options: SseResponseOptions<Place>): void {
  response.writeHead(200, {
    ...options.headers,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
    'Rill-Protocol': String(protocolVersion),
  });
  response.write(streamPreamble);
  subscribe({ ...options, response });
}
