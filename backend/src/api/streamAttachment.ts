/** Turns a fastify reply into the event stream of a run. */
import type { FastifyReply } from 'fastify';
import type { Attachment } from '../runs/runs.ts';
import { sendEventStream } from '../sse/sseResponse.ts';
import type { ApiDependencies } from './apiDependencies.ts';

export function streamAttachment(
  reply: FastifyReply,
  { clock, heartbeatMs, parkedLimitMs }: ApiDependencies,
  { runId, messageId, source, cursor }: Attachment,
): FastifyReply {
  // The headers that hooks have set are not sent by fastify once the reply is ours.
  const headers = reply.getHeaders();
  reply.hijack();
  sendEventStream(reply.raw, {
    runId,
    messageId,
    source,
    cursor,
    clock,
    heartbeatMs,
    parkedLimitMs,
    headers,
  });
  return reply;
}
