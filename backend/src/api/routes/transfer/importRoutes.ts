/** Serves imports: receives the body, reports progress, starts and stops them, and serves their reports. */
import { type ImportOutcome, routes, type StartImport } from '@rill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getImport, type ImportKey, listImports, listReport } from '../../../store/imports.ts';
import type { ApiDependencies } from '../../apiDependencies.ts';
import type { StreamedBodies } from '../../streamedBodies.ts';
import { toFastifyRoute } from '../table/toFastifyRoute.ts';

interface ImportRequest {
  Params: { importId: string };
}

interface ReportRequest extends ImportRequest {
  Querystring: { outcome?: ImportOutcome; limit?: number; pageToken?: string };
}

const defaultPageSize = 200;

export async function addImportRoutes(
  server: FastifyInstance,
  { imports, database }: ApiDependencies,
  bodies: StreamedBodies,
): Promise<void> {
  await bodies.addRoutes(server, (scope) => {
    scope.route<{ Querystring: { name?: string; start?: 'true' | 'false' } }>({
      ...toFastifyRoute(routes.createImport),
      async handler(request, reply) {
        const { name = '', start } = request.query;
        const { ownerId } = request;
        const isStarted = start === 'true';
        const job = await bodies.read({ request, reply, maxBytes: imports.maxBytes }, (body) =>
          imports.create({ ownerId, name, isStarted, ...body }),
        );
        return reply.status(202).send(job);
      },
    });
  });
  server.route({
    ...toFastifyRoute(routes.listImports),
    handler: async ({ ownerId }) => ({ imports: await listImports(database.reader, ownerId) }),
  });
  server.route<ImportRequest>({
    ...toFastifyRoute(routes.getImport),
    handler: (request) => getImport(database.reader, importKeyOf(request)),
  });
  server.route<ReportRequest>({
    ...toFastifyRoute(routes.getImportReport),
    async handler(request) {
      const { id } = await getImport(database.reader, importKeyOf(request));
      return listReport(database.reader, id, { limit: defaultPageSize, ...request.query });
    },
  });
  server.route<ImportRequest & { Body: StartImport }>({
    ...toFastifyRoute(routes.startImport),
    async handler(request, reply) {
      return reply.status(202).send(await imports.start(importKeyOf(request), request.body));
    },
  });
  server.route<ImportRequest>({
    ...toFastifyRoute(routes.stopImport),
    handler: (request) => imports.stop(importKeyOf(request)),
  });
  server.route<ImportRequest>({
    ...toFastifyRoute(routes.deleteImport),
    async handler(request, reply) {
      await imports.remove(importKeyOf(request));
      return reply.status(204).send();
    },
  });
}

const importKeyOf = ({ ownerId, params }: FastifyRequest<ImportRequest>): ImportKey => ({
  ownerId,
  importId: params.importId,
});
