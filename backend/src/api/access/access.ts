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
  /** The user that every caller is while no accounts are configured. */
  readonly ownerId: string;
  /** Null lets everyone in: only on a loopback address. */
  readonly accessToken: string | null;
  /** Host names, with or without a port, beside localhost and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** Under which the page is served, for the cookies; '' is the root. */
  readonly basePath: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The user who asks, from the access hook on. */
    ownerId: string;
    /** The session that the request belongs to; null for a bearer token, and where no access token is set. */
    sessionId: string | null;
  }
  interface FastifyContextConfig {
    /** True for a route that answers with an event stream. */
    isStream?: boolean;
  }
}

/** `callerCheck` is null where no access token is set. */
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
