/**
 * Refuses requests from a foreign page or under a foreign name: Host must be the server's own (against DNS rebinding),
 * and Origin too if it is sent (against cross-site posts). The refusal quotes the value and names the setting that
 * allows it.
 */
import { isIP } from 'node:net';
import { RillError } from '@rill/protocol';
import type { FastifyRequest } from 'fastify';
import { type Host, isSameHost, type Origin, readHost, readOrigin } from './host.ts';
import { isApiCall, isHealthCheck, isPageFile } from './requestKind.ts';

/** Refuses a request whose Host or Origin is not the server's. Errors: forbidden; bad_request without a Host. */
export type CheckHost = (request: FastifyRequest) => void;

/** `allowedHosts`: names, with or without a port, that are allowed besides localhost and IP addresses. */
export function createHostCheck(allowedHosts: readonly string[]): CheckHost {
  const allowed = allowedHosts.map((text) => readHost(text)).filter((host) => host !== null);
  return (request) => {
    if (countHosts(request.raw.rawHeaders) > 1) {
      throw new RillError('bad_request', { message: 'The request has more than one Host header.' });
    }
    const text = request.headers.host;
    // Health checks of load balancers send no Host, and learn only whether the server is up.
    if (!text && isHealthCheck(request)) return;
    if (text === undefined && request.raw.httpVersion !== '1.0')
      throw new RillError('bad_request', { message: 'The request names no host.' });
    const host = readHost(text ?? '');
    if (!host || !isAllowedHost(host, allowed)) throw refusedHost(text ?? '');
    checkOrigin(request, host, allowed);
  };
}

/** Node keeps only the first Host header; a proxy in front may have used another one. */
function countHosts(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
}

/** Rejects every name that an attacker's DNS could point at this server. An IP address cannot be repointed. */
function isAllowedHost({ name }: Host, allowed: readonly Host[]): boolean {
  return isAddress(name) || allowed.some((each) => each.name === name);
}

function checkOrigin(request: FastifyRequest, host: Host, allowed: readonly Host[]): void {
  // The page's files contain no data, and browsers send an Origin with requests for scripts.
  if (isPageFile(request)) return;
  const { origin: text } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const origin = text === undefined ? null : readOrigin(text);
  if (text !== undefined && !(origin && isOwnOrigin(origin, host, allowed, site)))
    throw refusedOrigin(text, request.headers.host ?? '');
  // Pages of other sites may link to ours, but not call our API.
  if (isApiCall(request) && site === 'cross-site')
    throw new RillError('forbidden', { message: 'A page of another site may not call this server.' });
}

/**
 * A proxy may have rewritten the Host or dropped its port. Then the listed names decide, or the browser's
 * `Sec-Fetch-Site` header, which no page can forge; browsers send it over HTTPS and on localhost.
 */
function isOwnOrigin(
  origin: Origin,
  host: Host,
  allowed: readonly Host[],
  site: string | string[] | undefined,
): boolean {
  if (isSameHost(host, origin)) return true;
  if (isAddress(host.name) && allowed.some((each) => isSameHost(each, origin))) return true;
  const isOwnName = origin.name === host.name || allowed.some(({ name }) => name === origin.name);
  return site === 'same-origin' && isOwnName;
}

const isAddress = (name: string): boolean => name === 'localhost' || isIP(name) !== 0;

function refusedHost(text: string): RillError {
  const message =
    text === ''
      ? 'The request names no host. If a proxy is in front of the server, let it pass on the Host header.'
      : `The server does not answer to the host "${shown(text)}". If this is its name, add it to RILL_ALLOWED_HOSTS.`;
  return new RillError('forbidden', { message });
}

function refusedOrigin(text: string, hostText: string): RillError {
  const pageHost = URL.parse(text)?.host || 'the name of the page';
  const message =
    `The request comes from a page of "${shown(text)}" and was sent to the host "${shown(hostText)}". ` +
    'If both are this server, let the proxy pass on the Host header as the browser sent it, ' +
    `or add ${shown(pageHost)} to RILL_ALLOWED_HOSTS.`;
  return new RillError('forbidden', { message });
}

const maxShownLength = 100;
/** A value from an unknown client, shortened and reduced to printable ASCII. */
const shown = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxShownLength);
