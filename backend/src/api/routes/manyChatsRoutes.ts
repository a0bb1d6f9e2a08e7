/** Serves changes to many chats at once: pins, the archive and the bin. */
import {
  type EmptyBin,
  type FeedEvent,
  type ManyChats,
  RillError,
  routes,
  type UpdateChats,
} from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { chatDeletes } from '../../runs/finish/deleteWithRuns.ts';
import { findChatOrBinned, getChat } from '../../store/chats/chats.ts';
import {
  binChats,
  changeChats,
  listBinIds,
  listBinned,
  type OwnChats,
  restoreChats,
} from '../../store/chats/manyChats.ts';
import type { AfterCommit, WriteTransaction } from '../../store/storeAccess.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

type Chats = Awaited<ReturnType<typeof binChats>>;

export function addManyChatsRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, clock } = dependencies;
  const { bin, restore, change } = changesOf(dependencies);
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.deleteChat),
    async handler(request, reply) {
      const key = chatKeyOf(request);
      await getChat(database.reader, key);
      await bin({ ownerId: key.ownerId, chatIds: [key.chatId] });
      return reply.status(204).send();
    },
  });
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.restoreChat),
    async handler(request) {
      const key = chatKeyOf(request);
      const known = await findChatOrBinned(database.reader, key);
      if (known) await restore({ ownerId: key.ownerId, chatIds: [key.chatId] });
      return getChat(database.reader, key);
    },
  });
  // A chat that is already stored counts as kept, so a request whose response was lost can be repeated.
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.keepChat),
    handler: (request) => getChat(database.reader, chatKeyOf(request)),
  });
  server.route<{ Body: UpdateChats }>({
    ...toFastifyRoute(routes.updateChats),
    handler: ({ ownerId, body: { chatIds, ...changes } }) =>
      change(ownerId, chatChanges, (transaction) =>
        changeChats(transaction, { ownerId, chatIds }, changes, clock.nowMs()),
      ),
  });
  server.route<{ Body: ManyChats }>({
    ...toFastifyRoute(routes.deleteChats),
    handler: ({ ownerId, body }) => bin({ ownerId, ...body }),
  });
  server.route<{ Body: ManyChats }>({
    ...toFastifyRoute(routes.restoreChats),
    handler: ({ ownerId, body }) => restore({ ownerId, ...body }),
  });
  server.route<{ Body: EmptyBin }>({
    ...toFastifyRoute(routes.emptyBin),
    handler: ({ ownerId, body }) => emptyBin(dependencies, ownerId, body),
  });
}

function changesOf({ database, clock, feeds, runs }: ApiDependencies) {
  /** Publishes the changed chats once they are committed, and replies with their ids. */
  const change = (
    ownerId: string,
    eventsOf: (chats: Chats) => FeedEvent[],
    work: (transaction: WriteTransaction, afterCommit: AfterCommit) => Promise<Chats>,
  ) =>
    database.transaction(async (transaction, afterCommit) => {
      const chats = await work(transaction, afterCommit);
      feeds.add(afterCommit, ownerId, eventsOf(chats));
      return { chatIds: chats.map(({ id }) => id) };
    });
  const bin = (chats: OwnChats) =>
    change(chats.ownerId, chatDeletes, (transaction) => binChats(transaction, chats, clock.nowMs()));
  const restore = (chats: OwnChats) =>
    change(chats.ownerId, chatChanges, async (transaction, afterCommit) => {
      const restored = await restoreChats(transaction, chats);
      const { ownerId } = chats;
      for (const { projectId, id: chatId } of restored)
        afterCommit(() => runs.queue.wake({ ownerId, projectId, chatId }));
      return restored;
    });
  return { change, bin, restore };
}

/** Counted first, so that nothing is deleted that the user was not shown when confirming. */
async function emptyBin({ database, runs }: ApiDependencies, ownerId: string, body: EmptyBin) {
  const chatIds = body.chatIds ?? (await listBinIds(database.reader, ownerId));
  const binned = await listBinned(database.reader, { ownerId, chatIds });
  if (binned.length !== body.count) throw new RillError('bin_changed', { details: { count: binned.length } });
  const deleted = await runs.deleteBinned({ ownerId, chatIds: binned.map(({ id }) => id) });
  return { chatIds: deleted.map(({ id }) => id) };
}

const chatChanges = (chats: Chats): FeedEvent[] =>
  chats.map((chat) => ({ type: 'chat-change', data: { chat } }));
