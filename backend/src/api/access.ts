/**
 * Who may ask: the right Host (against DNS rebinding), no foreign Origin (against cross-site posts), and, when an
 * access token is set, the token as a bearer or a session cookie.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { RillError } from '@rill/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Type } from 'typebox';

export interface AccessOptions {
  /** Null lets everybody in: only on a loopback address. */
  readonly accessToken: string | null;
  /** Lower-case host names beside localhost and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** Signs session cookies; changes with the token, so that a new token ends old sessions. */
  readonly cookieSecret: string;
  readonly nowMs: () => number;
}

const sessionCookie = 'rill_session';
const sessionLengthMs = 30 * 24 * 3_600_000;
const openRoutes = new Set(['/api/health', '/api/ready', '/api/session']);
/** The files of the page: no data is in them. */
const pageRoute = '/*';
/** Wrong tokens one address may send in a minute; then it waits. */
const maxFailuresPerMinute = 10;

export async function addAccessChecks(server: FastifyInstance, options: AccessOptions): Promise<void> {
  const failures = new RateLimiterMemory({ points: maxFailuresPerMinute, duration: 60 });
  server.addHook('onRequest', (request, _reply, done) => {
    checkHost(request, options.allowedHosts);
    checkOrigin(request);
    done();
  });
  const { accessToken } = options;
  if (accessToken !== null) {
    server.addHook('onRequest', async (request) => {
      if (!isApiCall(request) || isOpen(request) || hasSession(request, options.nowMs())) return;
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer === undefined) throw new RillError('unauthorized');
      await checkToken(accessToken, bearer, failures, request);
    });
  }
  addSessionRoutes(server, options, failures);
}

function addSessionRoutes(
  server: FastifyInstance,
  options: AccessOptions,
  failures: RateLimiterMemory,
): void {
  const body = Type.Object(
    { token: Type.String({ minLength: 1, maxLength: 1000 }) },
    { additionalProperties: false },
  );
  server.post<{ Body: { token: string } }>('/api/session', {
    schema: { summary: 'Signs in with the access token; answers with a cookie.', body },
    async handler(request, reply) {
      if (options.accessToken === null) return reply.status(204).send();
      await checkToken(options.accessToken, request.body.token, failures, request);
      const expiresAtMs = options.nowMs() + sessionLengthMs;
      reply.setCookie(sessionCookie, String(expiresAtMs), cookieOptions(request, new Date(expiresAtMs)));
      return reply.status(204).send();
    },
  });
  server.delete('/api/session', {
    schema: { summary: 'Signs out.' },
    handler: (request, reply: FastifyReply) =>
      reply
        .clearCookie(sessionCookie, cookieOptions(request, new Date(0)))
        .status(204)
        .send(),
  });
}

function cookieOptions(request: FastifyRequest, expires: Date) {
  const isSecure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
  return { path: '/', httpOnly: true, sameSite: 'strict' as const, signed: true, secure: isSecure, expires };
}

function hasSession(request: FastifyRequest, nowMs: number): boolean {
  const cookie = request.cookies[sessionCookie];
  if (cookie === undefined) return false;
  const { valid, value } = request.unsignCookie(cookie);
  return valid && Number(value) > nowMs;
}

/** Errors: unauthorized; rate_limited after too many wrong tokens from one address, right ones included. */
async function checkToken(
  expected: string,
  given: string,
  failures: RateLimiterMemory,
  request: FastifyRequest,
): Promise<void> {
  const known = await failures.get(request.ip);
  if (known && known.consumedPoints >= maxFailuresPerMinute) {
    throw new RillError('rate_limited', { retryAfterMs: known.msBeforeNext });
  }
  // Digests have one length, so that the comparison tells nothing about the token's.
  if (timingSafeEqual(digest(expected), digest(given))) return;
  await failures.penalty(request.ip);
  throw new RillError('unauthorized', { message: 'The access token is not right.' });
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const isOpen = (request: FastifyRequest) => openRoutes.has(request.routeOptions.url ?? '');

/**
 * Judged by the route that answers, never by the address alone: the router reads `/%61pi/projects` and
 * `http://host/api/projects` as `/api/projects`.
 */
function isApiCall(request: FastifyRequest): boolean {
  const { url } = request.routeOptions;
  return url === undefined ? request.url.startsWith('/api') : url !== pageRoute;
}

/** A name that an attacker's DNS points at us never passes; an IP address cannot be pointed anywhere. */
function checkHost(request: FastifyRequest, allowedHosts: readonly string[]): void {
  const host = hostNameOf(request.headers.host ?? '');
  const isAllowed = host === 'localhost' || isIP(host) !== 0 || allowedHosts.includes(host);
  if (!isAllowed) {
    throw new RillError('forbidden', {
      message: 'The server does not answer to this host name; RILL_ALLOWED_HOSTS lists the ones it does.',
    });
  }
}

function hostNameOf(host: string): string {
  const match = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$|^([^:]*)(?::\d+)?$/.exec(host.toLowerCase());
  return match?.[1] ?? match?.[2] ?? '';
}

function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const isForeignOrigin =
    origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase());
  // A page elsewhere may link to ours; it may not call our API.
  const isForeignCall = isApiCall(request) && request.headers['sec-fetch-site'] === 'cross-site';
  if (isForeignOrigin || isForeignCall) throw new RillError('forbidden');
}
