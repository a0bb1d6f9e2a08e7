/** GET …/messages/stream: attaches to the active run, or goes on from a cursor. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { keyOf } from './chats.ts';
import { streamAttachment } from './streamAttachment.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

interface ResumeRequest {
  Params: { id: string; chatId: string };
  Querystring: { cursor?: string };
  Headers: { 'last-event-id'?: string };
}

export function addRunStream(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<ResumeRequest>({
    ...toFastifyRoute(routes.resumeStream),
    async handler(request, reply) {
      // EventSource keeps the query of its first request, so the header is the newer of the two.
      const cursor = request.headers['last-event-id'] || request.query.cursor || null;
      const attachment = await dependencies.runs.attach(keyOf(dependencies, request.params), cursor);
      if (!attachment) return reply.status(204).send();
      return streamAttachment(reply, dependencies, attachment);
    },
  });
}
