/** Turns a route of the protocol into a fastify route without its handler: same verb, path and schemas. */
import type { RouteDefinition } from '@rill/protocol';
import { setSecurityHeaders } from '../../access/securityHeaders.ts';

export function toFastifyRoute(route: RouteDefinition) {
  const { method, path, params, querystring, headers, body, maxBodyBytes, isStream = false } = route;
  return {
    method,
    url: path,
    config: { isStream },
    ...(maxBodyBytes !== undefined && { bodyLimit: maxBodyBytes }),
    ...(isStream && { onSend: setSecurityHeaders }),
    schema: {
      ...(params && { params }),
      ...(querystring && { querystring }),
      ...(headers && { headers }),
      ...(body && { body }),
    },
  };
}
