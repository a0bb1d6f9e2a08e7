/** Serves exports: everything as one archive, or one chat as Markdown or JSON. */
import { Readable } from 'node:stream';
import { routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { chatJson } from '../../../archive/chatJson.ts';
import { chatMarkdown } from '../../../archive/chatMarkdown.ts';
import { writeArchive } from '../../../archive/writeArchive.ts';
import { getChat } from '../../../store/chats/chats.ts';
import { listBranch } from '../../../store/messages.ts';
import type { ApiDependencies } from '../../apiDependencies.ts';
import { type ChatRequest, chatKeyOf } from '../../requestKeys.ts';
import { toFastifyRoute } from '../table/toFastifyRoute.ts';

interface ChatExportRequest extends ChatRequest {
  Querystring: { format: 'markdown' | 'json' };
}

export function addExportRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, files, clock, stalledReaderTimeoutMs } = dependencies;
  const { reader } = database;
  server.route({
    ...toFastifyRoute(routes.exportArchive),
    exposeHeadRoute: false,
    async handler({ ownerId }, reply) {
      const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
      reply.header('Content-Disposition', `attachment; filename="rill-${day}.zip"`);
      const limit = { clock, stalledReaderTimeoutMs };
      const archive = writeArchive({ database, files: files.store, ownerId, limit });
      return reply.type('application/zip').send(archive);
    },
  });
  server.route<ChatExportRequest>({
    ...toFastifyRoute(routes.exportChat),
    exposeHeadRoute: false,
    async handler(request, reply) {
      const isMarkdown = request.query.format === 'markdown';
      const chat = await getChat(reader, chatKeyOf(request));
      reply.header('Content-Disposition', attachmentOf(chat.title, isMarkdown ? 'md' : 'json'));
      if (!isMarkdown) return reply.type('application/json').send(Readable.from(chatJson(reader, chat.id)));
      const messages = await listBranch(reader, chat.id, chat.activeLeafId);
      return reply
        .type('text/markdown; charset=utf-8')
        .send(Readable.from(chatMarkdown({ chat, messages }), { objectMode: false }));
    },
  });
}

/** The title as a file name: letters and digits of every script, and characters that are safe in a header. */
function attachmentOf(title: string, extension: string): string {
  const name =
    title
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 80) || 'chat';
  const plain = name.replaceAll(/[^\x20-\x7e]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed());
  return `attachment; filename="${plain}.${extension}"; filename*=UTF-8''${encoded}.${extension}`;
}
