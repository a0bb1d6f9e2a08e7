/** Routes of chats. */
import { type Chat, type ChatDetail, type CreateChat, routes, type UpdateChat } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { type ChatKey, getChat, insertChat, listChats, updateChat } from '../store/chats.ts';
import { findLeaf, listBranch, listSiblings } from '../store/messages.ts';
import { getProject } from '../store/projects.ts';
import { findActiveRun } from '../store/runs.ts';
import type { WriteTransaction } from '../store/storeAccess.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

interface ProjectParams {
  Params: { id: string };
}
interface ChatParams {
  Params: { id: string; chatId: string };
}

export function addChats(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, ownerId, clock, newId, runs, feeds } = dependencies;
  /** What the change gives, told to the feed once it is committed. */
  const change = (work: (transaction: WriteTransaction) => Promise<Chat>): Promise<Chat> =>
    database.transaction(async (transaction, afterCommit) => {
      const chat = await work(transaction);
      afterCommit(() => feeds.publish(ownerId, { type: 'chat-change', data: { chat } }));
      return chat;
    });
  server.route<ProjectParams & { Querystring: { limit?: number; pageToken?: string } }>({
    ...toFastifyRoute(routes.listChats),
    async handler({ params, query }) {
      await getProject(database.reader, ownerId, params.id);
      return listChats(database.reader, ownerId, params.id, { limit: 200, ...query });
    },
  });
  server.route<ProjectParams & { Body: CreateChat }>({
    ...toFastifyRoute(routes.createChat),
    async handler({ params, body }, reply) {
      const { title = '', model = null } = body;
      const made = { ownerId, projectId: params.id, chatId: newId(), title, model, nowMs: clock.nowMs() };
      const chat = await change(async (transaction) => {
        await getProject(transaction, ownerId, params.id);
        return insertChat(transaction, made);
      });
      return reply.status(201).send(chat);
    },
  });
  server.route<ChatParams>({
    ...toFastifyRoute(routes.getChat),
    handler: ({ params }) => readDetail(dependencies, keyOf(dependencies, params)),
  });
  server.route<ChatParams & { Body: UpdateChat }>({
    ...toFastifyRoute(routes.updateChat),
    handler: ({ params, body }) =>
      change(async (transaction) => {
        const key = keyOf(dependencies, params);
        await getChat(transaction, key);
        const { activeLeafId, ...change } = body;
        const leafId = activeLeafId && (await findLeaf(transaction, key.chatId, activeLeafId));
        return updateChat(
          transaction,
          key,
          { ...change, ...(leafId && { activeLeafId: leafId }) },
          clock.nowMs(),
        );
      }),
  });
  server.route<ChatParams>({
    ...toFastifyRoute(routes.deleteChat),
    async handler({ params }, reply) {
      await runs.deleteChat(keyOf(dependencies, params));
      return reply.status(204).send();
    },
  });
}

/** The chat a path names, as the store names it. */
export function keyOf({ ownerId }: ApiDependencies, params: ChatParams['Params']): ChatKey {
  return { ownerId, projectId: params.id, chatId: params.chatId };
}

async function readDetail({ database }: ApiDependencies, key: ChatKey): Promise<ChatDetail> {
  const db = database.reader;
  const chat = await getChat(db, key);
  const messages = await listBranch(db, key.chatId, chat.activeLeafId);
  return {
    chat,
    messages,
    siblings: await listSiblings(db, key.chatId, messages),
    activeRun: await findActiveRun(db, key.chatId),
  };
}
