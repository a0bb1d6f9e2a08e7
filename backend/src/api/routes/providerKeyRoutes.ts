/** Serves the source of the provider's key, and changes it. No response contains a key. */
import {
  type ConnectProvider,
  type FinishConnection,
  type PutProviderKey,
  RillError,
  routes,
} from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

export function addProviderKeyRoutes(server: FastifyInstance, { providerKeys }: ApiDependencies): void {
  server.route({
    ...toFastifyRoute(routes.getProviderKey),
    handler: async () => providerKeys.describe(),
  });
  server.route<{ Body: PutProviderKey }>({
    ...toFastifyRoute(routes.putProviderKey),
    handler: ({ body }) => providerKeys.store(body.apiKey),
  });
  server.route({
    ...toFastifyRoute(routes.deleteProviderKey),
    handler: () => providerKeys.remove(),
  });
  server.route<{ Body: ConnectProvider }>({
    ...toFastifyRoute(routes.connectProvider),
    async handler({ body: { pageUrl }, headers, sessionId }) {
      // The access hook has checked that the origin is the server's own. A program sends none, and opens the page
      // itself.
      if (headers.origin !== undefined && URL.parse(pageUrl)?.origin !== headers.origin) {
        throw new RillError('bad_request', { message: 'pageUrl is not an address of this page.' });
      }
      return providerKeys.connect({ pageUrl, sessionId });
    },
  });
  server.route<{ Body: FinishConnection }>({
    ...toFastifyRoute(routes.finishConnection),
    handler: ({ body: { state, code }, sessionId }) => providerKeys.finish({ state, code, sessionId }),
  });
}
