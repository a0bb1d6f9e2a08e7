/** Serves the prompts that users saved. */
import { type CreatePrompt, routes, type UpdatePrompt } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { getProject } from '../../store/projects.ts';
import { deletePrompt, insertPrompt, listPrompts, updatePrompt } from '../../store/prompts.ts';
import { afterDuplicate } from '../../store/storeAccess.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface PromptRequest {
  Params: { promptId: string };
}

export function addPromptRoutes(
  server: FastifyInstance,
  { database, clock, newId }: Pick<ApiDependencies, 'database' | 'clock' | 'newId'>,
): void {
  server.route<{ Querystring: { limit?: number; pageToken?: string } }>({
    ...toFastifyRoute(routes.listPrompts),
    handler: ({ ownerId, query }) => listPrompts(database.reader, ownerId, { limit: 200, ...query }),
  });
  server.route<{ Body: CreatePrompt }>({
    ...toFastifyRoute(routes.createPrompt),
    async handler({ ownerId, body }, reply) {
      const made = { id: body.id ?? newId(), nowMs: clock.nowMs() };
      const prompt = await afterDuplicate(database, () =>
        database.transaction(async (transaction) => {
          if (body.projectId) await getProject(transaction, ownerId, body.projectId);
          return insertPrompt(transaction, ownerId, body, made);
        }),
      );
      return reply.status(201).send(prompt);
    },
  });
  server.route<PromptRequest & { Body: UpdatePrompt }>({
    ...toFastifyRoute(routes.updatePrompt),
    handler: ({ ownerId, params: { promptId }, body }) =>
      database.transaction(async (transaction) => {
        if (body.projectId) await getProject(transaction, ownerId, body.projectId);
        return updatePrompt(transaction, { ownerId, promptId }, body, clock.nowMs());
      }),
  });
  server.route<PromptRequest>({
    ...toFastifyRoute(routes.deletePrompt),
    async handler({ ownerId, params: { promptId } }, reply) {
      await database.transaction((transaction) => deletePrompt(transaction, { ownerId, promptId }));
      return reply.status(204).send();
    },
  });
}
