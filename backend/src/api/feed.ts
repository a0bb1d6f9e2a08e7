/** GET /api/events: the person's own feed, from a cursor or from now on. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { streamSource } from './eventStream.ts';
import { cursorOf, type ResumeRequest } from './resumeCursor.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addFeed(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<ResumeRequest>({
    ...toFastifyRoute(routes.followFeed),
    async handler(request, reply) {
      const source = dependencies.feeds.open(dependencies.ownerId);
      const cursor = source.placeOf(cursorOf(request));
      return streamSource(reply, dependencies, { source, cursor, headers: {} });
    },
  });
}
