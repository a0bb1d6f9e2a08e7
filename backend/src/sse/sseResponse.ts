/** The head of an event stream, then a subscriber. The first comment leaves at once, so that proxies flush. */
import type { ServerResponse } from 'node:http';
import { protocolVersion, streamPreamble } from '@rill/protocol';
import { type SubscriberOptions, subscribe } from './subscriber.ts';

export interface SseResponseOptions extends Omit<SubscriberOptions, 'response'> {
  readonly runId: string;
  readonly messageId: string;
  /** Headers every response carries, such as the security headers. */
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
}

/** Answers 200 with the run's frames from the cursor on. Returns at once; the response ends by itself. */
export function sendEventStream(response: ServerResponse, options: SseResponseOptions): void {
  response.writeHead(200, {
    ...options.headers,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
    'Rill-Protocol': String(protocolVersion),
    'Rill-Run': options.runId,
    'Rill-Message': options.messageId,
  });
  response.write(streamPreamble);
  subscribe({ ...options, response });
}
