/**
 * Lets routes read bodies of any type and size as streams. Instead of the time limit for a whole request, they have a
 * limit on silence.
 */

import type { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { RillError } from '@rill/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';

/** A form on a foreign page can send these without a preflight request. */
const refusedTypes = /^\s*(multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i;

export interface StreamedBody {
  readonly body: Readable;
  /** Aborted after too long a silence, or when the connection is lost. */
  readonly signal: AbortSignal;
}

export interface StreamedRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The largest Content-Length that is accepted; the reader counts the bytes that arrive. */
  readonly maxBytes: number;
  /** Also accepts text types, which browsers name for files that a user chose. */
  readonly takesAnyType?: boolean;
}

export class StreamedBodies {
  readonly #clock: Clock;
  readonly #silenceMs: number;
  readonly #sockets = new WeakSet<Socket>();

  constructor(clock: Clock, silenceMs: number) {
    this.#clock = clock;
    this.#silenceMs = silenceMs;
  }

  /** True for the error of a late request while its body is being read as a stream. */
  isInTime(error: Error & { readonly code?: string }, socket: Socket): boolean {
    return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && this.#sockets.has(socket);
  }

  /** Registers routes whose handlers read their bodies with `read`. */
  async addRoutes(server: FastifyInstance, add: (scope: FastifyInstance) => void): Promise<void> {
    await server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      add(scope);
    });
  }

  /**
   * Calls `work` with the body. The connection is closed after the response if `work` did not read all of it. Errors:
   * unsupported_media_type; body_too_large; bad_request when the body does not arrive.
   */
  async read<Result>(
    { request, reply, maxBytes, takesAnyType = false }: StreamedRequest,
    work: (body: StreamedBody) => Promise<Result>,
  ): Promise<Result> {
    const { raw } = request;
    if (!takesAnyType && refusedTypes.test(request.headers['content-type'] ?? ''))
      throw new RillError('unsupported_media_type');
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      reply.header('Connection', 'close');
      throw new RillError('body_too_large', { details: { maxBytes } });
    }
    const late = new AbortController();
    let cancelTimer: () => void = () => undefined;
    const wait = () => {
      cancelTimer();
      cancelTimer = this.#clock.schedule(this.#silenceMs, () => late.abort(lateError()));
    };
    wait();
    this.#sockets.add(raw.socket);
    // Piped and not returned: destroying the request destroys the response too.
    const body = raw.on('data', wait).pipe(new PassThrough());
    const onClose = () => {
      if (!raw.readableEnded) body.destroy(lateError());
    };
    raw.once('close', onClose);
    try {
      return await work({ body, signal: late.signal });
    } catch (error) {
      reply.header('Connection', 'close');
      throw late.signal.aborted || (raw.destroyed && !raw.complete) ? lateError(error) : error;
    } finally {
      cancelTimer();
      raw.unpipe(body).off('data', wait).off('close', onClose);
      this.#sockets.delete(raw.socket);
    }
  }
}

const lateError = (cause?: unknown) =>
  new RillError('bad_request', { message: 'The request did not arrive in time.', cause });
