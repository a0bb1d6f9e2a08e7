/** Serves temporary chats through the same routes as all chats, on the database in memory, and adds keep and end. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { addChatRoutes } from '../routes/chatRoutes.ts';
import { addConversationRoutes } from '../routes/conversationRoutes.ts';
import { addDraftRoutes } from '../routes/draftRoutes.ts';
import { addMessageRoutes } from '../routes/messageRoutes.ts';
import { addQueueRoutes } from '../routes/queueRoutes.ts';
import { addRunRoutes } from '../routes/runRoutes.ts';
import { addStreamRoutes } from '../routes/streamRoutes.ts';
import { toFastifyRoute } from '../routes/table/toFastifyRoute.ts';
import { addFileRoutes } from '../routes/transfer/fileTransferRoutes.ts';
import type { StreamedBodies } from '../streamedBodies.ts';

export async function addTemporaryRoutes(
  server: FastifyInstance,
  dependencies: ApiDependencies,
  bodies: StreamedBodies,
): Promise<void> {
  const temporary = await dependencies.temporary.open();
  const inMemoryDependencies = {
    ...dependencies,
    database: temporary.database,
    runs: temporary.runs,
    newId: temporary.newId,
  };
  addChatRoutes(server, inMemoryDependencies);
  addMessageRoutes(server, inMemoryDependencies);
  addConversationRoutes(server, inMemoryDependencies);
  addStreamRoutes(server, inMemoryDependencies);
  addRunRoutes(server, inMemoryDependencies);
  addDraftRoutes(server, inMemoryDependencies);
  addQueueRoutes(server, inMemoryDependencies);
  await addFileRoutes(server, temporary, bodies);
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.deleteChat),
    async handler(request, reply) {
      await temporary.chats.end(chatKeyOf(request));
      return reply.status(204).send();
    },
  });
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.keepChat),
    handler: (request) => temporary.chats.keep(chatKeyOf(request)),
  });
}
