/**
 * Builds the HTTP listener: limits, access, validation by the protocol's schemas, routes, and every failure as the
 * protocol's error body. Routes only validate, start, attach and return.
 */
import type { Server } from 'node:http';
import cookie from '@fastify/cookie';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  LogController,
} from 'fastify';
import { systemClock } from '../clock.ts';
import { type AccessOptions, addAccessChecks } from './access/access.ts';
import { CallerCheck } from './access/callerCheck.ts';
import { addSecurityHeaders } from './access/securityHeaders.ts';
import { addSessionRoutes } from './access/sessionRoutes.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { addResponseDrain } from './connections/drainResponses.ts';
import { watchPeers } from './connections/vanishedPeers.ts';
import { sendClientError, sendError, sendFrameworkError, sendNotFound } from './errors/errorReply.ts';
import { addBudgetRoutes } from './money/budgetRoutes.ts';
import { addUsageRoutes } from './money/usageRoutes.ts';
import { addPage } from './pageFiles.ts';
import { addChatRoutes } from './routes/chatRoutes.ts';
import { addConversationRoutes } from './routes/conversationRoutes.ts';
import { addDraftRoutes } from './routes/draftRoutes.ts';
import { addHealthRoutes } from './routes/healthRoutes.ts';
import { addManyChatsRoutes } from './routes/manyChatsRoutes.ts';
import { addMessageRoutes } from './routes/messageRoutes.ts';
import { addModelRoutes } from './routes/modelRoutes.ts';
import { addProjectRoutes } from './routes/projectRoutes.ts';
import { addPromptRoutes } from './routes/promptRoutes.ts';
import { addProviderKeyRoutes } from './routes/providerKeyRoutes.ts';
import { addQueueRoutes } from './routes/queueRoutes.ts';
import { addRunRoutes } from './routes/runRoutes.ts';
import { addSearchRoutes } from './routes/searchRoutes.ts';
import { addStreamRoutes } from './routes/streamRoutes.ts';
import { addOpenApi } from './routes/table/openApi.ts';
import { disableDefaultCompilers, lazyValidatorCompiler } from './routes/table/validateRequests.ts';
import { addExportRoutes } from './routes/transfer/exportRoutes.ts';
import { addFileRoutes } from './routes/transfer/fileTransferRoutes.ts';
import { addImportRoutes } from './routes/transfer/importRoutes.ts';
import { addProjectFileRoutes } from './routes/transfer/projectFileRoutes.ts';
import { StreamedBodies } from './streamedBodies.ts';
import { addTemporaryRoutes } from './temporary/temporaryRoutes.ts';
import { routeTemporaryChats } from './temporary/temporaryRouting.ts';

export interface ServerOptions {
  readonly dependencies: ApiDependencies;
  readonly access: AccessOptions;
  /** Whose word on a visitor's address and scheme counts; none when empty. */
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  /** Time in which a request's head and body must have arrived, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Folder of the built page; null serves the API alone. */
  readonly pageDirectory: string | null;
  readonly logger: FastifyBaseLogger;
}

/** How often connections are checked for requests that have not arrived in time, in milliseconds. */
const connectionCheckMs = 5_000;

/** What may wait in a socket before its writer stops, in bytes: a reader that stops reading holds this and one slice. */
const socketBufferBytes = 8 * 1024;

const silenceBeforeProbesMs = 30_000;

/** Builds the server without listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { dependencies, access, logger } = options;
  // By the real clock, as the time limit of requests.
  const bodies = new StreamedBodies(systemClock, options.requestTimeoutMs);
  const { accessToken } = access;
  const callerCheck =
    accessToken === null ? null : new CallerCheck(accessToken, { ...dependencies, ...access });
  const server = createListener(options, bodies);
  addResponseDrain(server, dependencies.clock);
  routeTemporaryChats(server, dependencies.temporary.database, async () => {
    const inMemory = createRouter(options);
    await addRequestChecks(inMemory, access, callerCheck);
    await addTemporaryRoutes(inMemory, dependencies, bodies);
    inMemory.setNotFoundHandler(sendNotFound);
    return inMemory;
  });
  // By the real clock, also where a test owns the other one: so does the system send again what is not acknowledged.
  watchPeers(server.server, systemClock);
  dependencies.openFiles.watch(
    server.server,
    (fields, message) => logger.warn(fields, message),
    systemClock.nowMs,
  );
  await addRequestChecks(server, access, callerCheck);
  addOpenApi(server, access.basePath);
  addSessionRoutes(server, callerCheck);
  addRoutes(server, dependencies);
  await addImportRoutes(server, dependencies, bodies);
  await addFileRoutes(server, dependencies, bodies);
  if (options.pageDirectory === null) server.setNotFoundHandler(sendNotFound);
  else await addPage(server, options.pageDirectory, access.basePath);
  return server;
}

/** What reads requests from sockets, and finds the route of each. */
function createListener(options: ServerOptions, bodies: StreamedBodies): FastifyInstance {
  return createRouter(options, {
    rewriteUrl: ({ url = '/' }) => withoutBasePath(withoutOrigin(url), options.access.basePath),
    requestTimeout: options.requestTimeoutMs,
    forceCloseConnections: true,
    http: {
      // Checks of load balancers name no host; all other requests are refused without one.
      requireHostHeader: false,
      highWaterMark: socketBufferBytes,
      headersTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(connectionCheckMs, options.requestTimeoutMs),
      // A peer that vanished while nothing was on its way is noticed by the system: 10 probes, a second apart, after this
      // silence. While bytes are on their way it does not probe: `watchPeers` looks after those.
      keepAlive: true,
      keepAliveInitialDelay: silenceBeforeProbesMs,
    },
    clientErrorHandler: (error, socket) => {
      if (!bodies.isInTime(error, socket)) sendClientError(error, socket);
    },
  });
}

/** Finds the route of a request, validates, and answers a failure as the protocol's error body. */
function createRouter(options: ServerOptions, ofListener: FastifyHttpOptions<Server> = {}): FastifyInstance {
  const server: FastifyInstance = Fastify({
    ...ofListener,
    loggerInstance: options.logger,
    bodyLimit: options.maxBodyBytes,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    schemaController: disableDefaultCompilers,
    routerOptions: { maxParamLength: 200 },
    // A second route for each GET takes 15 ms of CPU at the start: those that monitors and downloads ask have one.
    exposeHeadRoutes: false,
    frameworkErrors: sendFrameworkError,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request is built, and cleaned of secrets, for lines that few requests write.
    childLoggerFactory: (logger) => logger,
  });
  // Fastify reads plain text too, which a form on a foreign page may send without asking.
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler(lazyValidatorCompiler);
  server.setErrorHandler(sendError);
  return server;
}

async function addRequestChecks(
  server: FastifyInstance,
  access: AccessOptions,
  callerCheck: CallerCheck | null,
): Promise<void> {
  addSecurityHeaders(server);
  await server.register(cookie);
  addAccessChecks(server, access, callerCheck);
}

/** HTTP lets a request name the whole address; the Host header is the one that is checked. */
const withoutOrigin = (url: string): string => url.replace(/^https?:\/\/[^/?]*/i, '') || '/';

/** A proxy may cut the base path off or pass it on: both lead to the same route. */
function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

function addRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  addHealthRoutes(server, dependencies);
  addModelRoutes(server, dependencies);
  addExportRoutes(server, dependencies);
  addProviderKeyRoutes(server, dependencies);
  addProjectRoutes(server, dependencies);
  addProjectFileRoutes(server, dependencies);
  addChatRoutes(server, dependencies);
  addManyChatsRoutes(server, dependencies);
  addMessageRoutes(server, dependencies);
  addConversationRoutes(server, dependencies);
  addStreamRoutes(server, dependencies);
  addRunRoutes(server, dependencies);
  addSearchRoutes(server, dependencies);
  addUsageRoutes(server, dependencies);
  addBudgetRoutes(server, dependencies);
  addDraftRoutes(server, dependencies);
  addPromptRoutes(server, dependencies);
  addQueueRoutes(server, dependencies);
}
