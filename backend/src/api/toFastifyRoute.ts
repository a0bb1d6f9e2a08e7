/** A route of the protocol to a fastify route without its handler: same verb, path and schemas. */
import { ErrorBody, type RouteDefinition } from '@rill/protocol';
import { Type } from 'typebox';

/** For the API description only: a stream is written by `sse/`. */
const eventStream = {
  description: 'Events of a run or of the feed; PROTOCOL.md describes them.',
  content: { 'text/event-stream': { schema: Type.String() } },
};

export function toFastifyRoute(route: RouteDefinition) {
  const { method, path, summary, params, querystring, headers, body, response } = route;
  return {
    method,
    url: path,
    // A stream has no end to wait for when its body is not wanted.
    ...(route.isStream && { exposeHeadRoute: false }),
    schema: {
      summary,
      ...(params && { params }),
      ...(querystring && { querystring }),
      ...(headers && { headers }),
      ...(body && { body }),
      response: { ...(route.isStream && { 200: eventStream }), ...response, default: ErrorBody },
    },
  };
}
