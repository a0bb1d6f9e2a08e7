/**
 * Writes one response. Writes keep their order and wait for the socket when it is full, so a slow reader slows the
 * answer down instead of filling memory.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '../script.ts';

/** One response and the signal that aborts when its connection is gone. */
export class ResponseSink {
  readonly #response: ServerResponse;
  readonly signal: AbortSignal;

  constructor(response: ServerResponse, signal: AbortSignal) {
    this.#response = response;
    this.signal = signal;
  }

  /** Sends the head at once, before any byte of the body. */
  head(status: number, headers: Record<string, string>): void {
    this.#response.writeHead(status, { 'access-control-allow-origin': '*', ...headers });
    this.#response.flushHeaders();
  }

  /** Writes, and waits for `drain` when the socket is full. Rejects when the client is gone. */
  async write(bytes: string | Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    if (!this.#response.write(bytes)) await once(this.#response, 'drain', { signal: this.signal });
  }

  /** Ends the body properly. */
  end(): void {
    this.#response.end();
  }

  /** Closes the socket after the bytes written so far: no terminator, so the reader sees a broken body. */
  reset(): void {
    this.#response.socket?.destroySoon();
  }

  /** Sends a whole answer with its length. */
  answer({ status, headers, body }: HttpAnswer): void {
    const isText = typeof body === 'string';
    const bytes = Buffer.from(isText ? body : JSON.stringify(body));
    this.#response.writeHead(status, {
      'access-control-allow-origin': '*',
      'content-type': isText ? 'text/html; charset=UTF-8' : 'application/json',
      'content-length': String(bytes.length),
      ...headers,
    });
    this.#response.end(bytes);
  }
}
