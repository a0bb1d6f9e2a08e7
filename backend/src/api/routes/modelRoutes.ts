/** Serves the list of models, with the user's pins and the speeds measured in the user's own answers. */
import { type ModelList, type PinModel, type PinnedModels, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { listModelSpeeds } from '../../store/models/modelSpeeds.ts';
import { listPinnedModels, pinModel } from '../../store/models/pinnedModels.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

export function addModelRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { clock, database, listModels } = dependencies;
  server.route({
    ...toFastifyRoute(routes.listModels),
    async handler({ ownerId }): Promise<ModelList> {
      return {
        ...(await listModels()),
        pinnedModels: await listPinnedModels(database.reader, ownerId),
        speeds: await listModelSpeeds(database.reader, ownerId),
      };
    },
  });
  server.route<{ Body: PinModel }>({
    ...toFastifyRoute(routes.pinModel),
    async handler({ ownerId, body }): Promise<PinnedModels> {
      const pinnedModels = await database.transaction((transaction) =>
        pinModel(transaction, ownerId, body, clock.nowMs()),
      );
      return { pinnedModels };
    },
  });
}
