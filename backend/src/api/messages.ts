/** POST …/messages: sends a message and answers once, with the whole answer. */
import {
  errorTable,
  isErrorCode,
  RillError,
  routes,
  type SendMessage,
  type SendResult,
} from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './apiDependencies.ts';
import { keyOf } from './chats.ts';
import { sendKeyOf } from './sendKey.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

export function addMessages(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { runs } = dependencies;
  server.route<{ Params: { id: string; chatId: string }; Body: SendMessage }>({
    ...toFastifyRoute(routes.sendMessage),
    async handler(request): Promise<SendResult> {
      const key = keyOf(dependencies, request.params);
      const attachment = await runs.send({ ...key, body: request.body, sendKey: sendKeyOf(request) });
      const message = await runs.whenEnded(attachment);
      if (!message.error) return { message, usage: message.usage };
      const { code, message: sentence, retryAfterMs } = message.error;
      throw new RillError(isErrorCode(code) ? code : 'internal', {
        message: sentence || errorTable.internal.sentence,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        details: { runId: attachment.runId, messageId: attachment.messageId },
      });
    },
  });
}
