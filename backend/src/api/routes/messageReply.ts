/**
 * Sends replies that contain messages. Giant messages are read one at a time and written in parts, so the heap holds at
 * most one of them, however many are requested at once and however slow their readers are.
 */
import { Readable } from 'node:stream';
import type { ChatDetail, Message } from '@rill/protocol';
import type { FastifyReply } from 'fastify';
import { encodeMessage } from '../../delivery/terminalEvent.ts';
import { isGiant, oneGiantAtATime } from '../../runs/giantAnswers.ts';
import { weighMessage } from '../../store/messageParts.ts';
import { getMessage } from '../../store/messages.ts';
import type { ApiDependencies } from '../apiDependencies.ts';

type Dependencies = Pick<ApiDependencies, 'database' | 'giants'>;

/** Replies with one message and the fields that `describe` adds; an error of `describe` becomes the reply. */
export async function sendWithMessage(
  dependencies: Dependencies,
  reply: FastifyReply,
  { chatId, messageId }: { readonly chatId: string; readonly messageId: string },
  describe: (message: Message) => object,
): Promise<FastifyReply> {
  const db = dependencies.database.reader;
  const weight = await weighMessage(db, chatId, messageId);
  if (!isGiant(weight)) {
    const message = await getMessage(db, chatId, messageId);
    return reply.send({ ...describe(message), message });
  }
  const parts = await oneGiantAtATime(dependencies, weight, async () => {
    const message = await getMessage(db, chatId, messageId);
    const rest = JSON.stringify(describe(message)).slice(1, -1);
    const before = Buffer.from(`{${rest}${rest === '' ? '' : ','}"message":`);
    return [before, ...encodeMessage(message), Buffer.from('}')];
  });
  return sendParts(reply, parts);
}

/** Replies with a chat whose messages are together too large for one text. */
export function sendGiantDetail(
  dependencies: Dependencies,
  reply: FastifyReply,
  detail: Omit<ChatDetail, 'messages'>,
  messages: readonly { readonly id: string; readonly weight: number }[],
): FastifyReply {
  return sendParts(reply, detailParts(dependencies, detail, messages));
}

async function* detailParts(
  dependencies: Dependencies,
  detail: Parameters<typeof sendGiantDetail>[2],
  messages: Parameters<typeof sendGiantDetail>[3],
): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from(`{${JSON.stringify(detail).slice(1, -1)},"messages":[`);
  for (const [index, { id, weight }] of messages.entries()) {
    if (index > 0) yield Buffer.from(',');
    yield* await oneGiantAtATime(dependencies, weight, async () =>
      encodeMessage(await getMessage(dependencies.database.reader, detail.chat.id, id)),
    );
  }
  yield Buffer.from(']}');
}

function sendParts(reply: FastifyReply, parts: Iterable<Buffer> | AsyncIterable<Buffer>): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(Readable.from(parts));
}
