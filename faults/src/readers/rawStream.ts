/**
 * Sends one HTTP request for an event stream, over its own socket, and reads it frame by frame until the connection
 * ends.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createSseParser, type DecodedFrame, decodeFrame } from '@rill/protocol';

export interface StreamRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
  /** Silence after which it drops the connection. */
  readonly silenceMs?: number;
  /** Called with each frame of a run. */
  readonly onFrame?: (frame: DecodedFrame, stream: OpenStream) => void;
  /** Called with each message of any kind. */
  readonly onMessage?: (message: ReadMessage) => void;
}

export interface ReadMessage {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: string;
}

export interface OpenStream {
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
  /** Drops the connection. */
  destroy(): void;
}

/** How the request ended: a status, or null when no response came. The headers are those of the response. */
export interface StreamEnd {
  readonly status: number | null;
  readonly headers: IncomingMessage['headers'];
  /** The body of a response that is not a stream. */
  readonly text: string;
}

/** Resolves when the connection has ended for any reason. Never rejects. */
export function readRawStream(options: StreamRequest): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const end: { status: number | null; headers: IncomingMessage['headers']; text: string } = {
      status: null,
      headers: {},
      text: '',
    };
    const body = options.body && JSON.stringify(options.body);
    const sent = request(options.url, {
      method: options.method,
      agent: false,
      signal: options.signal,
      headers: { ...(body && { 'content-type': 'application/json' }), ...options.headers },
    });
    if (options.silenceMs !== undefined) sent.setTimeout(options.silenceMs, () => sent.destroy());
    let isAnswered = false;
    sent.on('response', (response) => {
      isAnswered = true;
      end.status = response.statusCode ?? null;
      end.headers = response.headers;
      readBody(response, sent, options, (text) => {
        end.text += text;
      });
      // Bytes in the response's buffer are still shown after the connection itself has ended.
      response.on('close', () => resolve(end));
    });
    sent.on('error', () => undefined);
    sent.on('close', () => {
      if (!isAnswered) resolve(end);
    });
    sent.end(body);
  });
}

function readBody(
  response: IncomingMessage,
  sent: ClientRequest,
  { onFrame, onMessage }: StreamRequest,
  onText: (text: string) => void,
): void {
  const isStream = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
  const stream: OpenStream = {
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    destroy: () => void sent.destroy(),
  };
  const parser = createSseParser({
    onMessage(message) {
      // A reader that has left is shown nothing more, not even what arrived with the frame at which it left.
      if (response.destroyed) return;
      onMessage?.(message);
      const frame = onFrame && decodeFrame(message);
      if (frame) onFrame(frame, stream);
    },
  });
  response.on('data', (bytes: Buffer) => (isStream ? parser.feed(bytes) : onText(bytes.toString())));
  response.on('error', () => undefined);
}
