/**
 * Decides whether a request is allowed and for which user: no foreign Host or Origin and, when an access token is set,
 * that token as a bearer or a session cookie. Sets `request.ownerId`; routes read and write only the data of that
 * owner.
 */
import { RillError } from '@rill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallerCheck } from './callerCheck.ts';
import { createHostCheck } from './hostCheck.ts';
import { isApiCall, isHealthCheck } from './requestKind.ts';

export interface AccessOptions {
  /** The user of every caller, as there are no accounts. */
  readonly ownerId: string;
  /** Null lets everyone in: only on a loopback address. */
  readonly accessToken: string | null;
  /** Host names, with or without a port, that are allowed besides localhost and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** Base path of the page, for the cookies; '' is the root. */
  readonly basePath: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The calling user; set by the access hook. */
    ownerId: string;
    /** The session of the request; null for a bearer token, and when no access token is set. */
    sessionId: string | null;
  }
  interface FastifyContextConfig {
    /** True for a route that answers with an event stream. */
    isStream?: boolean;
  }
}

/** `callerCheck` is null when no access token is set. */
export function addAccessChecks(
  server: FastifyInstance,
  options: AccessOptions,
  callerCheck: CallerCheck | null,
): void {
  const checkHost = createHostCheck(options.allowedHosts);
  server.decorateRequest('ownerId', '');
  server.decorateRequest('sessionId', null);
  server.addHook('onRequest', async (request, reply) => {
    checkHost(request);
    if (callerCheck && isApiCall(request) && !isOpen(request)) {
      request.sessionId = await callerCheck.check(request, reply);
    }
    request.ownerId = options.ownerId;
    refuseEncodedBody(request);
  });
}

/** A compressed body would be read as if it were the text. */
function refuseEncodedBody({ headers }: FastifyRequest): void {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() !== 'identity')
    throw new RillError('unsupported_media_type', {
      message: 'The request body must not be compressed: send it without Content-Encoding.',
    });
}

const isOpen = (request: FastifyRequest) =>
  isHealthCheck(request) || request.routeOptions.url === '/api/session';
