/** Serves the send without a stream: one response with the whole answer. */
import { errorTable, isErrorCode, RillError, type RunError, routes, type SendMessage } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { type ChatRequest, chatKeyOf, sendKeyOf } from '../requestKeys.ts';
import { sendWithMessage } from './messageReply.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

export function addMessageRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { runs } = dependencies;
  server.route<ChatRequest & { Body: SendMessage }>({
    ...toFastifyRoute(routes.sendMessage),
    async handler(request, reply) {
      reply.raw.once('close', dependencies.openFiles.holdSend());
      const reader = await runs.send({
        ...chatKeyOf(request),
        body: request.body,
        sendKey: sendKeyOf(request),
      });
      await runs.whenEnded(reader);
      return sendWithMessage(dependencies, reply, reader, (message) => {
        if (message.error) throw errorOf(message.error, reader);
        return { usage: message.usage };
      });
    },
  });
}

function errorOf(
  error: RunError,
  { runId, messageId }: { readonly runId: string; readonly messageId: string },
) {
  const { code, message, retryAfterMs } = error;
  return new RillError(isErrorCode(code) ? code : 'internal', {
    message: message || errorTable.internal.sentence,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: { runId, messageId },
  });
}
