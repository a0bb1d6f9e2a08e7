/**
 * Turns every failure of a request into its status and the protocol's error body, or into a page if a browser navigated
 * to the address. Internal details are never sent.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorBody, RillError } from '@rill/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { StoreAccess } from '../../store/storeAccess.ts';
import { isTooManyFiles } from '../../tooManyFiles.ts';
import { isNavigation } from '../access/requestKind.ts';
import { sendErrorPage } from './errorPage.ts';

/** Turns what a route throws into a response. */
export const createErrorHandler =
  (database: Pick<StoreAccess, 'failureOf'>) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const rillError =
      database.failureOf(error) === 'unavailable'
        ? new RillError('database_unavailable', { retryAfterMs: 1000, cause: error })
        : toRillError(error);
    if (rillError.status >= 500) {
      request.log.error({ reqId: request.id, code: rillError.code, err: error }, 'request failed');
    }
    return replyWith(reply, rillError);
  };

/** Sends one error. Also used where a request is answered before it reaches a route. */
export function replyWith(reply: FastifyReply, error: RillError): FastifyReply {
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) reply.header('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  const details = { ...error.details, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (isNavigation(reply.request)) return sendErrorPage(reply, error);
  // Its connection is one of the excess ones.
  if (error.code === 'server_busy') reply.header('Connection', 'close');
  const body: ErrorBody = {
    error: { code: error.code, message: error.message, ...(Object.keys(details).length > 0 && { details }) },
  };
  return reply.status(error.status).type('application/json; charset=utf-8').send(body);
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = `There is no ${request.method} ${request.url.split('?', 1)[0]?.slice(0, 200) ?? ''}.`;
  return replyWith(reply, new RillError('not_found', { message }));
}

/** Failures before any hook or route, such as an address that cannot be decoded. */
export function sendFrameworkError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  void replyWith(reply, new RillError('bad_request', { message: 'The address is not valid.', cause: error }));
}

/**
 * Responds to bytes that are not an HTTP request, and to heads that are too large or arrive too late, and closes the
 * socket.
 */
export function sendClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // Browsers open connections ahead of use: a response on an unused one would be taken for that of its first request.
  const isUnasked = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (error.code === 'ECONNRESET' || !socket.writable || isUnasked) {
    socket.destroy();
    return;
  }
  const rillError = new RillError(...clientErrorOf(error.code));
  const body = JSON.stringify({ error: { code: rillError.code, message: rillError.message } });
  const head = [
    `HTTP/1.1 ${rillError.status} ${STATUS_CODES[rillError.status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  // `end` alone would keep the socket and its descriptor open until the peer closes its side.
  socket.destroySoon();
}

const clientErrors: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive in time.',
  HPE_INVALID_EOF_STATE: 'The request ended before it was complete.',
};

function clientErrorOf(code: string | undefined): ConstructorParameters<typeof RillError> {
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['body_too_large', { message: "The request's head is too large." }];
  return ['bad_request', { message: clientErrors[code ?? ''] ?? 'This is not an HTTP request.' }];
}

const codeOfStatus = {
  413: 'body_too_large',
  415: 'unsupported_media_type',
} as const;

function toRillError(error: unknown): RillError {
  if (error instanceof RillError) return error;
  if (isTooManyFiles(error)) return new RillError('server_busy', { retryAfterMs: 1000, cause: error });
  if (!isFastifyError(error)) return new RillError('internal', { cause: error });
  if (error.validation)
    return new RillError('bad_request', { message: describeValidation(error), cause: error });
  const status = error.statusCode ?? 500;
  if (status === 413 || status === 415) return new RillError(codeOfStatus[status], { cause: error });
  if (status >= 400 && status < 500) {
    return new RillError('bad_request', { message: 'The request could not be read.', cause: error });
  }
  return new RillError('internal', { cause: error });
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error;
}

/** Names the field, never its value. */
function describeValidation(error: FastifyError): string {
  const first = error.validation?.[0];
  const where = [
    error.validationContext ?? 'request',
    ...(first?.instancePath.split('/').filter(Boolean) ?? []),
  ];
  return `The request is not valid: ${where.join('.')} ${first?.message ?? 'does not have the agreed form'}.`;
}
