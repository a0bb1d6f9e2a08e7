/** Makes the client's functions for the provider's key. No response contains a key. */
import type {
  ConnectProvider,
  FinishConnection,
  ProviderConnection,
  ProviderKey,
  PutProviderKey,
} from '@rill/protocol';
import { clientRoutes } from './http/clientRoutes.ts';
import type { JsonCall } from './http/request.ts';
import type { ClientRoute } from './http/routePath.ts';

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface ProviderKeyClient {
  getProviderKey(request?: Abortable): Promise<ProviderKey>;
  /** Stores a key, which the next answer uses. Errors: key_in_settings, key_refused. */
  putProviderKey(request: PutProviderKey & Abortable): Promise<ProviderKey>;
  deleteProviderKey(request?: Abortable): Promise<ProviderKey>;
  /** Starts to get a key from the provider's own page: open `url`, which returns to `pageUrl`. */
  connectProvider(request: ConnectProvider & Abortable): Promise<ProviderConnection>;
  /**
   * Exchanges the page's `code` for a key and stores it. Errors: connection_expired when the code has expired or was
   * used before.
   */
  finishConnection(request: FinishConnection & Abortable): Promise<ProviderKey>;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function providerKeyCalls(call: Call): ProviderKeyClient {
  const { getProviderKey, putProviderKey, deleteProviderKey, connectProvider, finishConnection } =
    clientRoutes;
  return {
    getProviderKey: (request = {}) => call(getProviderKey, request),
    putProviderKey: ({ signal, ...body }) => call(putProviderKey, { body, signal }),
    deleteProviderKey: (request = {}) => call(deleteProviderKey, request),
    connectProvider: ({ signal, ...body }) => call(connectProvider, { body, signal }),
    finishConnection: ({ signal, ...body }) => call(finishConnection, { body, signal }),
  };
}
