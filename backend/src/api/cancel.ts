/** POST …/cancel: a person ends the run. 200 once it has ended, 202 while it is still ending. */
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { keyOf } from './chats.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

interface CancelRequest {
  Params: { id: string; chatId: string };
  Body: { runId?: string } | null | undefined;
}

export function addCancel(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<CancelRequest>({
    ...toFastifyRoute(routes.cancelRun),
    // The validator is asked about a missing body too.
    async preValidation(request) {
      request.body ??= {};
    },
    async handler(request, reply) {
      const key = keyOf(dependencies, request.params);
      const { isEnded, result } = await dependencies.runs.cancel(key, request.body?.runId);
      return reply.status(isEnded ? 200 : 202).send(result);
    },
  });
}
