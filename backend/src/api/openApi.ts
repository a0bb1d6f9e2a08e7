/** GET /api/openapi.json, made from the same schemas that validate, when somebody first asks for it. */
import type { FastifyInstance, RouteOptions } from 'fastify';

/** Order: describes the routes that are added after it. */
export function addOpenApi(server: FastifyInstance): void {
  const state: { routes: RouteOptions[]; description: Promise<object> | null } = {
    routes: [],
    description: null,
  };
  server.addHook('onRoute', (route) => {
    state.routes.push(route);
  });
  server.get('/api/openapi.json', { schema: { hide: true } }, () => {
    state.description ??= describe(state.routes).catch((error: unknown) => {
      // The next request tries again.
      state.description = null;
      throw error;
    });
    return state.description;
  });
}

async function describe(routes: readonly RouteOptions[]): Promise<object> {
  const { describeRoutes } = await import('./describeRoutes.ts');
  return describeRoutes(routes);
}
