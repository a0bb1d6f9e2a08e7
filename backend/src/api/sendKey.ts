/** The send key of a request: the `Idempotency-Key` header, else `clientMessageId` in the body, else none. */
import type { SendMessage } from '@rill/protocol';
import type { FastifyRequest } from 'fastify';

export function sendKeyOf(request: FastifyRequest<{ Body: SendMessage }>): string | null {
  const header = request.headers['idempotency-key'];
  return (Array.isArray(header) ? header[0] : header) ?? request.body.clientMessageId ?? null;
}
