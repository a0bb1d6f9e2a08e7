/**
 * Classifies a request by the route that handles it, never by the raw address: the router reads `/%61pi/projects` and
 * `http://host/api/projects` as `/api/projects`.
 */
import type { FastifyRequest } from 'fastify';

/** The files of the page, which contain no user data. */
export const pageRoute = '/*';
/** Paths of health checks; HAProxy's default check is `OPTIONS /`. */
const healthRoutes = new Set(['/api/health', '/api/ready', '/']);

export const isPageFile = ({ method, routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === pageRoute && (method === 'GET' || method === 'HEAD');

export const isHealthCheck = ({ routeOptions }: FastifyRequest): boolean =>
  healthRoutes.has(routeOptions.url ?? '');

export function isApiCall(request: FastifyRequest): boolean {
  const { url } = request.routeOptions;
  return url === undefined ? request.url.startsWith('/api') : url !== pageRoute;
}

/** True if a browser navigates to the address, so that a user will read the response. */
export const isNavigation = (request: FastifyRequest): boolean =>
  isPageFile(request) && (request.headers.accept ?? '').includes('text/html');
