/** Serves the search. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { search } from '../../store/search.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface SearchRequest {
  Querystring: { q: string; limit?: number; pageToken?: string };
}

export function addSearchRoutes(server: FastifyInstance, { database }: ApiDependencies): void {
  server.route<SearchRequest>({
    ...toFastifyRoute(routes.search),
    handler: ({ ownerId, query: { q: query, limit = 20, pageToken } }) =>
      search(database, { ownerId, query, limit, pageToken }),
  });
}
