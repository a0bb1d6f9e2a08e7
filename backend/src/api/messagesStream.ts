/** POST …/messages/stream: starts a run and answers with its events. The answer only reads the log. */
import { routes, type SendMessage } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { keyOf } from './chats.ts';
import { streamAttachment } from './eventStream.ts';
import { sendKeyOf } from './sendKey.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addMessagesStream(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<{ Params: { id: string; chatId: string }; Body: SendMessage }>({
    ...toFastifyRoute(routes.sendMessageStream),
    async handler(request, reply) {
      const key = keyOf(dependencies, request.params);
      const attachment = await dependencies.runs.send({
        ...key,
        body: request.body,
        sendKey: sendKeyOf(request),
      });
      return streamAttachment(reply, dependencies, attachment);
    },
  });
}
