/** GET /api/models. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addModels(server: FastifyInstance, { listModels }: ApiDependencies): void {
  server.route({ ...toFastifyRoute(routes.listModels), handler: () => listModels() });
}
