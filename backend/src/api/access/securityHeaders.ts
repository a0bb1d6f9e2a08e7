/** Sets the security and cache headers of every response. They never change, so they are built once. */
import type { FastifyInstance, onSendHookHandler } from 'fastify';

const contentSecurityPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  // Remote pictures are fetched only after a click on their card (docs/decisions/0011).
  'img-src': "'self' data: blob: https:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

/** Strict-Transport-Security is left to the proxy that terminates TLS. */
export const securityHeaders = {
  // Without this, caches between browser and server keep lists for minutes. The page's files have their own value.
  'cache-control': 'no-store',
  'content-security-policy': Object.entries(contentSecurityPolicy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join(';'),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

/**
 * Event streams bypass fastify, and `streamRoutes.ts` writes these headers itself: through fastify they take 3 % of a
 * send.
 */
export function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.config.isStream) reply.headers(securityHeaders);
    done();
  });
}

/** Sets the headers when such a route responds without a stream. */
export const setSecurityHeaders: onSendHookHandler = (_request, reply, _payload, done) => {
  reply.headers({ ...securityHeaders, ...reply.getHeaders() });
  done();
};
