/** What is no API call is the page's. The part that sends files is loaded with the first of them, not at the start. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { sendNotFound } from './errorReply.ts';

export function addPage(server: FastifyInstance, pageDirectory: string): void {
  const state: { files: Promise<FastifyInstance> | null } = { files: null };
  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: { hide: true },
    async handler(request, reply) {
      state.files ??= open(pageDirectory, server.log).catch((error: unknown) => {
        // The next request tries again.
        state.files = null;
        throw error;
      });
      const { routing } = await state.files;
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      routing(request.raw, reply.raw);
    },
  });
  server.setNotFoundHandler(sendNotFound);
}

async function open(pageDirectory: string, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const { createPageFiles } = await import('./pageFiles.ts');
  return createPageFiles(pageDirectory, logger);
}
