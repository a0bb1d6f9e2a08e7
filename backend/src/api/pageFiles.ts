/**
 * The built page: hashed files for ever, the page itself always asked for anew, any other path is the page. A server
 * of its own that never listens, because plugins cannot be added to one that does; it trusts the checks of that one.
 */
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { sendError, sendFrameworkError, sendNotFound } from './errorReply.ts';
import { noOtherCompilers } from './schemaCompilers.ts';

export async function createPageFiles(
  pageDirectory: string,
  logger: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const server: FastifyInstance = Fastify({
    loggerInstance: logger,
    schemaController: noOtherCompilers,
    frameworkErrors: sendFrameworkError,
    logController: new LogController({ disableRequestLogging: true }),
  });
  server.setErrorHandler(sendError);
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
  await server.ready();
  return server;
}
