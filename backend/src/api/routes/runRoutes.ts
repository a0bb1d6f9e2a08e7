/** Serves the state of one run, and its cancel: 200 once the run has ended, 202 while it is still ending. */
import { RillError, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { toReceipt } from '../../runs/start/storedRunOptions.ts';
import { findRunRow, getRun, listGenerations } from '../../store/runs.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../requestKeys.ts';
import { sendWithMessage } from './messageReply.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface CancelRequest extends ChatRequest {
  Body: { runId?: string } | null | undefined;
}

export function addRunRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  server.route<{ Params: { runId: string } }>({
    ...toFastifyRoute(routes.getRun),
    handler: ({ ownerId, params }) => getRun(dependencies.database.reader, ownerId, params.runId),
  });
  server.route<{ Params: { runId: string } }>({
    ...toFastifyRoute(routes.getReceipt),
    async handler({ ownerId, params: { runId } }) {
      const { reader } = dependencies.database;
      await getRun(reader, ownerId, runId);
      const row = await findRunRow(reader, runId);
      if (!row) throw new RillError('not_found', { message: 'This run does not exist.' });
      const lastCall = (await listGenerations(reader, runId)).at(-1);
      return toReceipt(row, lastCall?.sent_json ?? null);
    },
  });
  server.route<CancelRequest>({
    ...toFastifyRoute(routes.cancelRun),
    // The validator also sees a missing body.
    async preValidation(request) {
      request.body ??= {};
    },
    async handler(request, reply) {
      const key = chatKeyOf(request);
      const { messageId, ...result } = await dependencies.runs.cancel(key, request.body?.runId);
      if (messageId === null) return reply.status(202).send({ ...result, message: null });
      return sendWithMessage(dependencies, reply, { chatId: key.chatId, messageId }, () => result);
    },
  });
}
