/** GET …/messages/stream: attaches to the active run, or goes on from a cursor. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { keyOf } from './chats.ts';
import { streamAttachment } from './eventStream.ts';
import { cursorOf, type ResumeRequest } from './resumeCursor.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addRunStream(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<ResumeRequest & { Params: { id: string; chatId: string } }>({
    ...toFastifyRoute(routes.resumeStream),
    async handler(request, reply) {
      const cursor = cursorOf(request);
      const attachment = await dependencies.runs.attach(keyOf(dependencies, request.params), cursor);
      if (!attachment) return reply.status(204).send();
      return streamAttachment(reply, dependencies, attachment);
    },
  });
}
