/** Serves the event streams: of a send, of a run from a cursor, and of the feed. They only read what is stored. */
import { routes, type SendMessage } from '@rill/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type SseResponseOptions, sendEventStream } from '../../delivery/sseResponse.ts';
import type { RunReader } from '../../runs/attachRun.ts';
import { securityHeaders } from '../access/securityHeaders.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import {
  type ChatRequest,
  chatKeyOf,
  cursorOf,
  type FollowRequest,
  isFollowed,
  type ResumeRequest,
  sendKeyOf,
} from '../requestKeys.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

/**
 * A page learns from the feed that its server is up, and each browser has one feed: more comments cost next to nothing.
 */
const maxFeedHeartbeatMs = 4000;

export function addStreamRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { runs, feeds, openFiles } = dependencies;
  server.route<ChatRequest & FollowRequest & { Body: SendMessage }>({
    ...toFastifyRoute(routes.sendMessageStream),
    async handler(request, reply) {
      const send = { ...chatKeyOf(request), body: request.body, sendKey: sendKeyOf(request) };
      const cursorText = request.headers['last-event-id'];
      // Held before anything is stored, and until the connection is free again, whatever the result of the send.
      const release = openFiles.holdSend();
      reply.raw.once('close', release);
      const reader = cursorText ? await runs.sendAgain(send, cursorText) : await runs.send(send);
      if (!reader) return reply.status(204).send();
      return streamRun(reply, dependencies, reader, isFollowed(request), release);
    },
  });
  server.route<ChatRequest & ResumeRequest>({
    ...toFastifyRoute(routes.resumeStream),
    async handler(request, reply) {
      const reader = await runs.attach(chatKeyOf(request), cursorOf(request));
      if (!reader) return reply.status(204).send();
      return streamRun(reply, dependencies, reader, isFollowed(request));
    },
  });
  server.route<ResumeRequest>({
    ...toFastifyRoute(routes.followFeed),
    async handler(request, reply) {
      const { source, cursor } = await feeds.open(request.ownerId, cursorOf(request));
      const heartbeatMs = Math.min(dependencies.heartbeatMs, maxFeedHeartbeatMs);
      const stream = { source, cursor, headers: {}, isFollowed: isFollowed(request) };
      return streamSource(reply, { ...dependencies, heartbeatMs }, stream);
    },
  });
}

function streamRun(
  reply: FastifyReply,
  dependencies: ApiDependencies,
  { runId, messageId, source, cursor }: RunReader,
  isFollowed: boolean,
  release?: () => void,
): FastifyReply {
  const headers = { 'Rill-Run': runId, 'Rill-Message': messageId };
  return streamSource(reply, dependencies, { source, cursor, headers, isFollowed }, release);
}

/** `release` frees the file of the stream; without it, the stream takes one as a reader. Errors: server_busy. */
function streamSource<Position>(
  reply: FastifyReply,
  { encoder, clock, heartbeatMs, stalledReaderTimeoutMs, openFiles }: ApiDependencies,
  stream: Pick<SseResponseOptions<Position>, 'source' | 'cursor' | 'headers' | 'isFollowed'>,
  release = openFiles.holdReader(),
): FastifyReply {
  reply.raw.once('close', release);
  // Fastify sends no headers once the reply is hijacked.
  const headers = { ...securityHeaders, ...reply.getHeaders(), ...stream.headers };
  reply.hijack();
  sendEventStream(reply.raw, { ...stream, encoder, clock, heartbeatMs, stalledReaderTimeoutMs, headers });
  return reply;
}
