/** Serves everything of the user as one archive, as a stream. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { writeArchive } from '../../archive/writeArchive.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addExportRoutes(server: FastifyInstance, { database, clock }: ApiDependencies): void {
  server.route({
    ...toFastifyRoute(routes.exportArchive),
    exposeHeadRoute: false,
    async handler({ ownerId }, reply) {
      const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
      reply.header('Content-Disposition', `attachment; filename="rill-${day}.zip"`);
      return reply.type('application/zip').send(writeArchive({ reader: database.reader, ownerId }));
    },
  });
}
