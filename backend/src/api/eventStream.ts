/** Turns a fastify reply into an event stream: of a run, or of any other source of frames. */
import type { FastifyReply } from 'fastify';
import type { Attachment } from '../runs/runs.ts';
import { type SseResponseOptions, sendEventStream } from '../sse/sseResponse.ts';
import type { ApiDependencies } from './apiDependencies.ts';

export function streamSource<Place>(
  reply: FastifyReply,
  { clock, heartbeatMs, parkedLimitMs }: ApiDependencies,
  stream: Pick<SseResponseOptions<Place>, 'source' | 'cursor' | 'headers'>,
): FastifyReply {
  // The headers that hooks have set are not sent by fastify once the reply is ours.
  const headers = { ...reply.getHeaders(), ...stream.headers };
  reply.hijack();
  sendEventStream(reply.raw, { ...stream, clock, heartbeatMs, parkedLimitMs, headers });
  return reply;
}

export function streamAttachment(
  reply: FastifyReply,
  dependencies: ApiDependencies,
  { runId, messageId, source, cursor }: Attachment,
): FastifyReply {
  const headers = { 'Rill-Run': runId, 'Rill-Message': messageId };
  return streamSource(reply, dependencies, { source, cursor, headers });
}
