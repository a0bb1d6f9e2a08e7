/**
 * Builds the HTTP listener: limits, access, validation by the protocol's schemas, routes, and every failure as the
 * protocol's error body. Routes only validate, start, attach and return.
 */
import type { Server } from 'node:http';
import cookie from '@fastify/cookie';
import { RillError, routes } from '@rill/protocol';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { systemClock } from '../clock.ts';
import { type AccessOptions, addAccessChecks } from './access/access.ts';
import { CallerCheck } from './access/callerCheck.ts';
import { addSecurityHeaders } from './access/securityHeaders.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { addResponseDrain } from './connections/drainResponses.ts';
import { watchPeers } from './connections/vanishedPeers.ts';
import {
  createErrorHandler,
  sendClientError,
  sendFrameworkError,
  sendNotFound,
} from './errors/errorReply.ts';
import { LazyRoutes } from './lazyRoutes.ts';
import { addChatRoutes } from './routes/chatRoutes.ts';
import { addDraftRoutes } from './routes/draftRoutes.ts';
import { addHealthRoutes } from './routes/healthRoutes.ts';
import { addMessageRoutes } from './routes/messageRoutes.ts';
import { addModelRoutes } from './routes/modelRoutes.ts';
import { addProjectRoutes } from './routes/projectRoutes.ts';
import { addQueueRoutes } from './routes/queueRoutes.ts';
import { addRunRoutes } from './routes/runRoutes.ts';
import { addStreamRoutes } from './routes/streamRoutes.ts';
import { disableDefaultCompilers, lazyValidatorCompiler } from './routes/table/validateRequests.ts';
import { StreamedBodies } from './streamedBodies.ts';
import { forwardToKeepers } from './temporary/forwardToKeeper.ts';
import { isForTemporaryChat } from './temporary/temporaryRouting.ts';

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

/**
 * Builds the server without listening. It registers the routes that a page needs when it opens and those of an answer;
 * the others are loaded with their first request.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { dependencies, access, logger, pageDirectory } = options;
  // By the real clock, as the time limit of requests.
  const bodies = new StreamedBodies(systemClock, options.requestTimeoutMs);
  const server = createListener(options, bodies);
  addResponseDrain(server, dependencies.clock);
  // By the real clock, also where a test owns the other one: so does the system send again what is not acknowledged.
  watchPeers(server.server, systemClock);
  dependencies.openFiles.watch(
    server.server,
    (fields, message) => logger.warn(fields, message),
    systemClock.elapsedMs,
  );
  // Node answers 417 without a body, and a server may ignore the header.
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  );
  const { accessToken } = access;
  const callerCheck =
    accessToken === null ? null : new CallerCheck(accessToken, { ...dependencies, ...access });
  const addRequestChecks = async (router: FastifyInstance) => {
    addSecurityHeaders(router);
    await router.register(cookie);
    addAccessChecks(router, access, callerCheck);
  };
  /** `next` answers what these routes do not know. */
  const lazily = (add: (router: FastifyInstance) => Promise<void>, next?: LazyRoutes) =>
    new LazyRoutes(async () => {
      const router = createRouter(options);
      next?.answerFor(router, isUnknown);
      await addRequestChecks(router);
      await add(router);
      return router;
    });
  const temporary = lazily(async (router) => {
    const { addTemporaryRoutes } = await import('./temporary/temporaryRoutes.ts');
    await addTemporaryRoutes(router, dependencies, bodies);
    router.setNotFoundHandler(sendNotFound);
  });
  const page = lazily(async (router) => {
    if (pageDirectory === null) return void router.setNotFoundHandler(sendNotFound);
    const { addPage } = await import('./pageFiles.ts');
    await addPage(router, pageDirectory, access.basePath);
  });
  const others = lazily(async (router) => {
    const { addOtherRoutes } = await import('./routes/otherRoutes.ts');
    await addOtherRoutes(router, dependencies, { bodies, callerCheck, basePath: access.basePath });
  }, page);
  server.addHook('onRequest', async (request) => {
    const { refusal } = dependencies.runs;
    if (refusal === null || isForMonitors(request)) return;
    throw new RillError('shutting_down', { message: refusal, retryAfterMs: 1000 });
  });
  temporary.answerFor(server, (request) => isForTemporaryChat(request, dependencies.temporary));
  if (dependencies.keepers) forwardToKeepers(server, dependencies.keepers, bodies, dependencies.clock);
  others.answerFor(server, (request) => isUnknown(request) && isForApi(request));
  page.answerFor(server, isUnknown);
  server.addHook('onClose', async () => {
    for (const routes of [temporary, others, page]) await routes.close();
  });
  await addRequestChecks(server);
  addRoutes(server, dependencies);
  return server;
}

const isUnknown = ({ is404 }: FastifyRequest): boolean => is404;

/** The router has read the address, so it can be decoded: `/%61pi` is the same to it. */
const isForApi = ({ raw: { url = '' } }: FastifyRequest): boolean =>
  decodeURI(/^\/[^/?#]*/.exec(url)?.[0] ?? '') === '/api';

const isForMonitors = ({ routeOptions: { url } }: FastifyRequest): boolean =>
  url === routes.health.path || url === routes.ready.path;

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
  server.setErrorHandler(createErrorHandler(options.dependencies.database));
  return server;
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
  addProjectRoutes(server, dependencies);
  addChatRoutes(server, dependencies);
  addMessageRoutes(server, dependencies);
  addStreamRoutes(server, dependencies);
  addRunRoutes(server, dependencies);
  addDraftRoutes(server, dependencies);
  addQueueRoutes(server, dependencies);
}
