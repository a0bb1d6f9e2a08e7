/** A route of the protocol to a fastify route without its handler: same verb, path and schemas. */
import type { RouteDefinition } from '@rill/protocol';

export function toFastifyRoute(route: RouteDefinition) {
  const { method, path, summary, params, querystring, headers, body, response } = route;
  return {
    method,
    url: path,
    schema: {
      summary,
      ...(params && { params }),
      ...(querystring && { querystring }),
      ...(headers && { headers }),
      ...(body && { body }),
      ...(!route.isStream && { response }),
      ...(route.isStream && { produces: ['text/event-stream'] }),
    },
  };
}
