/**
 * The HTTP listener: limits, access, validation by the protocol's schemas, routes, and every failure as the
 * protocol's error body. Routes only validate, start, attach and return.
 */
import cookie from '@fastify/cookie';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type AccessOptions, addAccessChecks } from './access.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { addCancel } from './cancel.ts';
import { addChats } from './chats.ts';
import { sendClientError, sendError, sendFrameworkError, sendNotFound } from './errorReply.ts';
import { addFeed } from './feed.ts';
import { addLastResponses } from './lastResponses.ts';
import { addMessages } from './messages.ts';
import { addMessagesStream } from './messagesStream.ts';
import { addModels } from './models.ts';
import { addOpenApi } from './openApi.ts';
import { addPage } from './page.ts';
import { addProjects } from './projects.ts';
import { addRunStream } from './runStream.ts';
import { compileWhenUsed, noOtherCompilers } from './schemaCompilers.ts';
import { addSecurityHeaders } from './securityHeaders.ts';
import { addServerState } from './serverState.ts';

export interface ServerOptions {
  readonly dependencies: ApiDependencies;
  readonly access: AccessOptions;
  readonly maxBodyBytes: number;
  /** Folder of the built page; null serves the API alone. */
  readonly pageDirectory: string | null;
  readonly logger: FastifyBaseLogger;
}

/** Time in which a request's head and body must have arrived, in milliseconds. */
const requestTimeoutMs = 30_000;

/** What may wait in a socket before its writer stops, in bytes: a reader that takes nothing holds this and one piece. */
const socketBufferBytes = 8 * 1024;

const silenceBeforeProbesMs = 30_000;

/** Builds the server without listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    bodyLimit: options.maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    http: {
      highWaterMark: socketBufferBytes,
      // A peer that vanished without a word is noticed by the system: 10 probes, a second apart, after this silence.
      keepAlive: true,
      keepAliveInitialDelay: silenceBeforeProbesMs,
    },
    schemaController: noOtherCompilers,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: sendFrameworkError,
    clientErrorHandler: sendClientError,
    logController: new LogController({ disableRequestLogging: true }),
  });
  // Fastify reads plain text too, which a form on a foreign page may send without asking.
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler(compileWhenUsed);
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.setErrorHandler(sendError);
  addSecurityHeaders(server);
  await server.register(cookie, { secret: options.access.cookieSecret });
  addLastResponses(server, options.dependencies.clock);
  await addAccessChecks(server, options.access);
  addOpenApi(server);
  addRoutes(server, options.dependencies);
  if (options.pageDirectory === null) server.setNotFoundHandler(sendNotFound);
  else addPage(server, options.pageDirectory);
  return server;
}

function addRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  addServerState(server, dependencies);
  addModels(server, dependencies);
  addProjects(server, dependencies);
  addChats(server, dependencies);
  addMessages(server, dependencies);
  addMessagesStream(server, dependencies);
  addRunStream(server, dependencies);
  addCancel(server, dependencies);
  addFeed(server, dependencies);
}
