/** Serves the queue of a chat. */
import { type AddToQueue, routes, type UpdateQueued } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface QueuedRequest {
  Params: ChatRequest['Params'] & { messageId: string };
}

export function addQueueRoutes(server: FastifyInstance, { runs: { queue } }: ApiDependencies): void {
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.getQueue),
    handler: (request) => queue.get(chatKeyOf(request)),
  });
  server.route<ChatRequest & { Body: AddToQueue; Headers: { 'idempotency-key'?: string } }>({
    ...toFastifyRoute(routes.addToQueue),
    async handler(request, reply) {
      const sendKey = request.headers['idempotency-key'] ?? null;
      return reply.status(201).send(await queue.add(chatKeyOf(request), request.body, sendKey));
    },
  });
  server.route<QueuedRequest & { Body: UpdateQueued }>({
    ...toFastifyRoute(routes.updateQueued),
    handler: (request) => queue.update(chatKeyOf(request), request.params.messageId, request.body),
  });
  server.route<QueuedRequest>({
    ...toFastifyRoute(routes.removeQueued),
    handler: (request) => queue.remove(chatKeyOf(request), request.params.messageId),
  });
  server.route<QueuedRequest>({
    ...toFastifyRoute(routes.sendQueued),
    handler: (request) => queue.sendNow(chatKeyOf(request), request.params.messageId),
  });
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.resumeQueue),
    handler: (request) => queue.resume(chatKeyOf(request)),
  });
}
