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
  /** Proxies whose headers decide a visitor's address and scheme; none when empty. */
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  /** Time limit for a request's head and body to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Folder of the built page; null serves the API alone. */
  readonly pageDirectory: string | null;
  readonly logger: FastifyBaseLogger;
}

/** Time between two checks for requests that did not arrive in time, in milliseconds. */
const connectionCheckMs = 5_000;

/** Most bytes that wait in a socket before its writer pauses: a reader that stops reading holds this and one slice. */
const socketBufferBytes = 8 * 1024;

const silenceBeforeProbesMs = 30_000;

/**
 * Builds the server without listening. It registers the routes that a page needs when it opens and those of an answer;
 * the others are loaded with their first request.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { dependencies, access } = options;
  // By the real clock, like Node's time limit for requests.
  const bodies = new StreamedBodies(systemClock, options.requestTimeoutMs);
  const server = createListener(options, bodies);
  addResponseDrain(server, dependencies.clock);
  watchConnections(server.server, options);
  const { accessToken } = access;
  const callerCheck =
    accessToken === null ? null : new CallerCheck(accessToken, { ...dependencies, ...access });
  const addRequestChecks = async (router: FastifyInstance) => {
    addSecurityHeaders(router);
    await router.register(cookie);
    addAccessChecks(router, access, callerCheck);
  };
  const { temporary, page, others } = createLazyRoutes(options, addRequestChecks, { bodies, callerCheck });
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

type AddRoutes = (router: FastifyInstance) => Promise<void>;

function createLazyRoutes(
  options: ServerOptions,
  addRequestChecks: AddRoutes,
  { bodies, callerCheck }: { readonly bodies: StreamedBodies; readonly callerCheck: CallerCheck | null },
) {
  const {
    dependencies,
    pageDirectory,
    access: { basePath },
  } = options;
  /** `next` handles the requests that these routes do not know. */
  const lazily = (add: AddRoutes, next?: LazyRoutes) =>
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
    await addPage(router, pageDirectory, basePath);
  });
  const others = lazily(async (router) => {
    const { addOtherRoutes } = await import('./routes/otherRoutes.ts');
    await addOtherRoutes(router, dependencies, { bodies, callerCheck, basePath });
  }, page);
  return { temporary, page, others };
}

/** Notices peers that vanish and too many open files, and answers requests that expect a `100 Continue`. */
function watchConnections(listener: Server, { dependencies, logger }: ServerOptions): void {
  // By the real clock even when a test has its own, because the system's retransmissions follow real time.
  watchPeers(listener, systemClock);
  dependencies.openFiles.watch(
    listener,
    (fields, message) => logger.warn(fields, message),
    systemClock.elapsedMs,
  );
  // Node would answer an unknown expectation with 417 and no body; HTTP lets a server ignore it.
  listener.on('checkExpectation', (request, response) => listener.emit('request', request, response));
}

const isUnknown = ({ is404 }: FastifyRequest): boolean => is404;

/** The router has parsed the address, so it can be decoded: `/%61pi` is the same route. */
const isForApi = ({ raw: { url = '' } }: FastifyRequest): boolean =>
  decodeURI(/^\/[^/?#]*/.exec(url)?.[0] ?? '') === '/api';

const isForMonitors = ({ routeOptions: { url } }: FastifyRequest): boolean =>
  url === routes.health.path || url === routes.ready.path;

/** Creates the router that also reads requests from sockets. */
function createListener(options: ServerOptions, bodies: StreamedBodies): FastifyInstance {
  return createRouter(options, {
    rewriteUrl: ({ url = '/' }) => withoutBasePath(withoutOrigin(url), options.access.basePath),
    requestTimeout: options.requestTimeoutMs,
    forceCloseConnections: true,
    http: {
      // Health checks of load balancers send no Host; all other requests are refused without one.
      requireHostHeader: false,
      highWaterMark: socketBufferBytes,
      headersTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(connectionCheckMs, options.requestTimeoutMs),
      // The system notices a peer that vanished while nothing was being sent: 10 probes, a second apart, after this
      // silence. It does not probe while bytes are unacknowledged: `watchPeers` handles that case.
      keepAlive: true,
      keepAliveInitialDelay: silenceBeforeProbesMs,
    },
    clientErrorHandler: (error, socket) => {
      if (!bodies.isInTime(error, socket)) sendClientError(error, socket);
    },
  });
}

/** Routes requests, validates them, and turns failures into the protocol's error body. */
function createRouter(options: ServerOptions, ofListener: FastifyHttpOptions<Server> = {}): FastifyInstance {
  const server: FastifyInstance = Fastify({
    ...ofListener,
    loggerInstance: options.logger,
    bodyLimit: options.maxBodyBytes,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    schemaController: disableDefaultCompilers,
    routerOptions: { maxParamLength: 200 },
    // A second route for each GET takes 15 ms of CPU at the start; the few that monitors and downloads use are
    // registered by hand.
    exposeHeadRoutes: false,
    frameworkErrors: sendFrameworkError,
    logController: new LogController({ disableRequestLogging: true }),
    // By default Fastify builds a logger for each request, and redacts it, though few requests log anything.
    childLoggerFactory: (logger) => logger,
  });
  // Fastify also parses plain text, which a form on a foreign page may send without a preflight request.
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler(lazyValidatorCompiler);
  server.setErrorHandler(createErrorHandler(options.dependencies.database));
  return server;
}

/** HTTP allows a whole address as the request target; the Host header is the one that is checked. */
const withoutOrigin = (url: string): string => url.replace(/^https?:\/\/[^/?]*/i, '') || '/';

/** A proxy may remove the base path or pass it on: both reach the same route. */
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
