/** Serves health checks: whether the process is alive, and whether it takes new messages. */
import { protocolVersion, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

export function addHealthRoutes(server: FastifyInstance, { runs, version }: ApiDependencies): void {
  server.route({
    ...toFastifyRoute(routes.health),
    exposeHeadRoute: true,
    handler: async () => ({ status: 'ok', version, protocol: protocolVersion }),
  });
  server.route({
    ...toFastifyRoute(routes.ready),
    exposeHeadRoute: true,
    async handler(_request, reply) {
      if (runs.isDraining) return reply.status(503).send({ status: 'not_ready' });
      return reply.send({ status: 'ready' });
    },
  });
  // HAProxy's default check.
  server.route({
    method: 'OPTIONS',
    url: '/',
    handler: (_request, reply) => reply.status(204).header('Allow', 'GET, HEAD, OPTIONS').send(),
  });
}
