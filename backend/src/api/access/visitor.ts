/**
 * Determines a visitor's address and protocol through trusted proxies: the rightmost address in `X-Forwarded-For` that
 * is not a trusted proxy. `Forwarded` is not read: a proxy that writes one of the two headers may pass on the other one
 * from the visitor.
 */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { readHost } from './host.ts';

/** The visitor's address in normal form, or the nearest proxy's if that proxy named none. */
export function visitorAddress(request: FastifyRequest): string {
  return plainAddress(request.ip) ?? plainAddress(request.raw.socket.remoteAddress ?? '') ?? '';
}

/**
 * Whether the visitor's browser uses TLS, so that cookies get `Secure`. A false claim harms only the visitor who makes
 * it.
 */
export function isSecure(request: FastifyRequest): boolean {
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '').split(',', 1)[0];
  const { origin } = request.headers;
  return [request.protocol, forwarded, origin?.split(':', 1)[0]].some(
    (scheme) => scheme?.trim().toLowerCase() === 'https',
  );
}

/** The address without a port, which some proxies add, and with IPv4-mapped IPv6 as IPv4. Null for anything else. */
function plainAddress(text: string): string | null {
  const address = isIP(text) === 0 ? readHost(text)?.name : text.toLowerCase();
  if (address === undefined || isIP(address) === 0) return null;
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
