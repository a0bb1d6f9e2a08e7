/** Serves chats. */
import {
  type Chat,
  type ChatDetail,
  type ChatMark,
  type CreateChat,
  RillError,
  routes,
  type UpdateChat,
} from '@rill/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isGiant } from '../../runs/giantAnswers.ts';
import { findLeaf, listDeleted, listSiblings, markShown } from '../../store/branches/messageTree.ts';
import {
  type ChatPageRequest,
  countMarkedChats,
  listChats,
  listMarkedChats,
} from '../../store/chats/chatPages.ts';
import { type ChatKey, findOwnChat, getChat, insertChat, updateChat } from '../../store/chats/chats.ts';
import { weighBranch } from '../../store/messageParts.ts';
import { listBranch, listOtherUsages } from '../../store/messages.ts';
import { getProject } from '../../store/projects.ts';
import { findActiveRun } from '../../store/runs.ts';
import { afterDuplicate, type WriteTransaction } from '../../store/storeAccess.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { sendGiantDetail } from './messageReply.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface ProjectParams {
  Params: { id: string };
}

const ownIdsOnly =
  'Where several nodes can serve a temporary chat, its id says which of them keeps it: leave the id to the server.';

export function addChatRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, clock, newId, temporary, keepers } = dependencies;
  addChatLists(server, dependencies);
  server.route<ProjectParams & { Body: CreateChat }>({
    ...toFastifyRoute(routes.createChat),
    async handler({ ownerId, params, body }, reply) {
      const { title = '', model = null, options = null, timeouts = null, webSearch } = body;
      const made = {
        ownerId,
        projectId: params.id,
        chatId: body.id ?? newId(),
        title,
        model,
        webSearch,
        options,
        timeouts,
        nowMs: clock.nowMs(),
      };
      if (body.isTemporary) {
        if (keepers && body.id !== undefined) throw new RillError('bad_request', { message: ownIdsOnly });
        const { chats, newId: newTemporaryId } = await temporary.open();
        return reply.status(201).send(await chats.create({ ...made, chatId: body.id ?? newTemporaryId() }));
      }
      const chat = await afterDuplicate(database, () =>
        changeChat(dependencies, ownerId, async (transaction) => {
          await getProject(transaction, ownerId, params.id);
          return (await findOwnChat(transaction, made)) ?? insertChat(transaction, made);
        }),
      );
      return reply.status(201).send(chat);
    },
  });
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.getChat),
    handler: (request, reply) => sendDetail(dependencies, reply, chatKeyOf(request)),
  });
  server.route<ChatRequest & { Body: UpdateChat }>({
    ...toFastifyRoute(routes.updateChat),
    handler: (request) =>
      changeChat(dependencies, request.ownerId, async (transaction) => {
        const key = chatKeyOf(request);
        await getChat(transaction, key);
        const { activeLeafId, ...change } = request.body;
        const named = change.title !== undefined && { titleSource: 'user' as const };
        const leafId = activeLeafId && (await findLeaf(transaction, key.chatId, activeLeafId));
        if (leafId) await markShown(transaction, leafId, newId());
        return updateChat(
          transaction,
          key,
          { ...change, ...named, ...(leafId && { activeLeafId: leafId }) },
          clock.nowMs(),
        );
      }),
  });
}

function addChatLists(server: FastifyInstance, { database: { reader } }: ApiDependencies): void {
  server.route<ProjectParams & { Querystring: { limit?: number; pageToken?: string } }>({
    ...toFastifyRoute(routes.listChats),
    async handler({ ownerId, params, query }) {
      await getProject(reader, ownerId, params.id);
      return listChats(reader, ownerId, params.id, { limit: 200, ...query });
    },
  });
  server.route<{ Querystring: Partial<ChatPageRequest> & { mark: ChatMark } }>({
    ...toFastifyRoute(routes.listMarkedChats),
    async handler({ ownerId, query: { mark, ...page } }) {
      const shown = await listMarkedChats(reader, ownerId, mark, { limit: 200, ...page });
      return { ...shown, totalCount: await countMarkedChats(reader, ownerId, mark) };
    },
  });
}

/** Stores the chat that `work` returns and publishes it to the owner's feed once it is committed. */
function changeChat(
  { database, feeds }: ApiDependencies,
  ownerId: string,
  work: (transaction: WriteTransaction) => Promise<Chat>,
): Promise<Chat> {
  return database.transaction(async (transaction, afterCommit) => {
    const chat = await work(transaction);
    feeds.add(afterCommit, ownerId, [{ type: 'chat-change', data: { chat } }]);
    return chat;
  });
}

async function sendDetail(
  dependencies: ApiDependencies,
  reply: FastifyReply,
  key: ChatKey,
): Promise<FastifyReply> {
  const db = dependencies.database.reader;
  const chat = await getChat(db, key);
  const branch = await weighBranch(db, key.chatId, chat.activeLeafId);
  const siblings = await listSiblings(db, key.chatId, branch);
  const otherUsages = await listOtherUsages(db, key.chatId, branch);
  const deletedMessages = await listDeleted(db, key.chatId);
  const activeRun = await findActiveRun(db, key.chatId);
  const detail = { chat, siblings, otherUsages, deletedMessages, activeRun };
  const weight = branch.reduce((sum, each) => sum + each.weight, 0);
  if (isGiant(weight)) return sendGiantDetail(dependencies, reply, detail, branch);
  const messages = await listBranch(db, key.chatId, chat.activeLeafId);
  return reply.send({ ...detail, messages } satisfies ChatDetail);
}
