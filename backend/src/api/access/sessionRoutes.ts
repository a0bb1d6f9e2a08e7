/** Serves sign-in with the access token, and sign-out here or on all devices. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { toFastifyRoute } from '../routes/table/toFastifyRoute.ts';
import type { CallerCheck } from './callerCheck.ts';

/** Without an access token (`callerCheck` null) there is nothing to sign in to, and both succeed. */
export function addSessionRoutes(server: FastifyInstance, callerCheck: CallerCheck | null): void {
  server.route<{ Body: { token: string } }>({
    ...toFastifyRoute(routes.signIn),
    async handler(request, reply) {
      await callerCheck?.checkToken(request.body.token, request);
      await callerCheck?.sessions.open(request, reply);
      return reply.status(204).send();
    },
  });
  server.route<{ Querystring: { everywhere?: boolean } }>({
    ...toFastifyRoute(routes.signOut),
    async handler(request, reply) {
      if (request.query.everywhere) {
        await callerCheck?.check(request, reply);
        await callerCheck?.sessions.endAll(request, reply);
      } else {
        await callerCheck?.sessions.end(request, reply);
      }
      return reply.status(204).send();
    },
  });
}
