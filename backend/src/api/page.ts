/** The built page: hashed files for ever, the page itself always asked for anew, any other path is the page. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendNotFound } from './errorReply.ts';

export async function addPage(server: FastifyInstance, pageDirectory: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: pageDirectory,
    cacheControl: false,
    // The build has each text file compressed beside it.
    preCompressed: true,
    setHeaders(reply, path) {
      const isHashed = /[/\\]assets[/\\]/.test(path);
      reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  server.setNotFoundHandler((request, reply) => {
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      !request.url.startsWith('/api') &&
      (request.headers.accept ?? '').includes('text/html');
    return isPage ? reply.sendFile('index.html') : sendNotFound(request, reply);
  });
}
