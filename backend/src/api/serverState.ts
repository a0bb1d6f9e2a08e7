/** Health, readiness, and the state of one run. */
import { protocolVersion, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { getRun } from '../store/runs.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addServerState(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, ownerId, runs, version } = dependencies;
  server.route({
    ...toFastifyRoute(routes.health),
    handler: async () => ({ status: 'ok', version, protocol: protocolVersion }),
  });
  server.route({
    ...toFastifyRoute(routes.ready),
    async handler(_request, reply) {
      if (runs.isDraining) return reply.status(503).send({ status: 'not_ready' });
      return reply.send({ status: 'ready' });
    },
  });
  server.route<{ Params: { runId: string } }>({
    ...toFastifyRoute(routes.getRun),
    handler: (request) => getRun(database.reader, ownerId, request.params.runId),
  });
}
