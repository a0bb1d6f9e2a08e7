/** Serves changes to the messages of a chat that need no model: edit, mark, fork, delete, restore. */
import { type ContextQuery, type EditMessage, type ForkChat, type MarkMessage, routes } from '@rill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf, type MessageRequest } from '../requestKeys.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

const messageKeyOf = ({ ownerId, params }: FastifyRequest<MessageRequest>) => ({
  ownerId,
  projectId: params.id,
  chatId: params.chatId,
  messageId: params.messageId,
});

export function addConversationRoutes(server: FastifyInstance, { runs }: ApiDependencies): void {
  server.route<ChatRequest & { Body: ForkChat }>({
    ...toFastifyRoute(routes.forkChat),
    handler: async (request, reply) =>
      reply.status(201).send(await runs.forkChat(chatKeyOf(request), request.body)),
  });
  server.route<MessageRequest & { Body: EditMessage }>({
    ...toFastifyRoute(routes.editMessage),
    handler: async (request, reply) =>
      reply.status(201).send(await runs.editAnswer(messageKeyOf(request), request.body)),
  });
  server.route<MessageRequest & { Body: MarkMessage }>({
    ...toFastifyRoute(routes.markMessage),
    handler: (request) => runs.markMessage(messageKeyOf(request), request.body),
  });
  server.route<ChatRequest & { Querystring: ContextQuery }>({
    ...toFastifyRoute(routes.getContext),
    handler: (request) => runs.predictContext(chatKeyOf(request), request.query),
  });
  server.route<MessageRequest>({
    ...toFastifyRoute(routes.deleteMessage),
    handler: (request) => runs.deleteMessage(messageKeyOf(request)),
  });
  server.route<MessageRequest>({
    ...toFastifyRoute(routes.restoreMessage),
    handler: (request) => runs.restoreMessage(messageKeyOf(request)),
  });
}
