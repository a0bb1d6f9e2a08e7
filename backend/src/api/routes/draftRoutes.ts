/** Serves drafts: the unsent text of a chat, or of the next new chat of a project. */
import { type Draft, type PutDraft, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { getChat } from '../../store/chats/chats.ts';
import { getProject } from '../../store/projects.ts';
import type { WriteTransaction } from '../../store/storeAccess.ts';
import { type DraftKey, getDraft, putDraft } from '../../store/unsent/drafts.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface ProjectRequest {
  Params: { id: string };
}

export function addDraftRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database } = dependencies;
  server.route<ChatRequest>({
    ...toFastifyRoute(routes.getDraft),
    async handler(request) {
      const key = chatKeyOf(request);
      // A chat is created with its first message, and a page may read the draft before that: it is empty.
      await getProject(database.reader, key.ownerId, key.projectId);
      return getDraft(database.reader, key);
    },
  });
  server.route<ChatRequest & { Body: PutDraft }>({
    ...toFastifyRoute(routes.putDraft),
    handler: (request) => {
      const key = chatKeyOf(request);
      return put(dependencies, key, request.body, (transaction) => getChat(transaction, key));
    },
  });
  server.route<ProjectRequest>({
    ...toFastifyRoute(routes.getNewChatDraft),
    async handler({ ownerId, params }) {
      await getProject(database.reader, ownerId, params.id);
      return getDraft(database.reader, { ownerId, projectId: params.id, chatId: null });
    },
  });
  server.route<ProjectRequest & { Body: PutDraft }>({
    ...toFastifyRoute(routes.putNewChatDraft),
    handler: ({ ownerId, params, body }) =>
      put(dependencies, { ownerId, projectId: params.id, chatId: null }, body, (transaction) =>
        getProject(transaction, ownerId, params.id),
      ),
  });
}

/** `check` throws when the user has no such chat or project. */
function put(
  { database, clock, feeds }: ApiDependencies,
  key: DraftKey,
  body: PutDraft,
  check: (transaction: WriteTransaction) => Promise<unknown>,
): Promise<Draft> {
  const { ownerId, projectId, chatId } = key;
  const { locks } = database;
  return database.transaction(async (transaction, afterCommit) => {
    // Two concurrent writers would both replace the same text, and one of the two would be lost.
    await (chatId === null ? locks.owner(transaction, ownerId) : locks.chat(transaction, chatId));
    await check(transaction);
    const { draft, isChanged } = await putDraft(transaction, key, body, clock.nowMs());
    const { revision, writer } = draft;
    const data = { projectId, chatId, revision, writer: writer ?? body.writer };
    if (isChanged) feeds.add(afterCommit, ownerId, [{ type: 'draft-change', data }]);
    return draft;
  });
}
