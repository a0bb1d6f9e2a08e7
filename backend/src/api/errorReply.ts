/** Every failure of a request to its status and the protocol's error body; a detail of ours never leaves. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorBody, RillError } from '@rill/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const rillError = toRillError(error);
  if (rillError.status >= 500) request.log.error({ code: rillError.code, err: error }, 'request failed');
  return replyWith(reply, rillError);
}

/** Sends one error. Also used where a request is answered before it reaches a route. */
export function replyWith(reply: FastifyReply, error: RillError): FastifyReply {
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) reply.header('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  const details = { ...error.details, ...(retryAfterMs !== undefined && { retryAfterMs }) };
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
  reply.header('X-Content-Type-Options', 'nosniff');
  void replyWith(reply, new RillError('bad_request', { message: 'The address is not valid.', cause: error }));
}

/** Bytes that are no HTTP request, or whose head is too large: answered on the socket, which then closes. */
export function sendClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const rillError = isTooLarge
    ? new RillError('body_too_large', { message: "The request's head is too large." })
    : new RillError('bad_request', { message: 'This is not an HTTP request.' });
  const body = JSON.stringify({ error: { code: rillError.code, message: rillError.message } });
  const head = [
    `HTTP/1.1 ${rillError.status} ${STATUS_CODES[rillError.status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const codeOfStatus = {
  413: 'body_too_large',
  415: 'unsupported_media_type',
} as const;

function toRillError(error: unknown): RillError {
  if (error instanceof RillError) return error;
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
