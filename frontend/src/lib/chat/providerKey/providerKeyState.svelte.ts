/**
 * Shows where the provider's key comes from, and changes it. A key only passes through here to the server; none is
 * kept, and the server returns none.
 */
import type { RillClient } from '@rill/client/source';
import type { ModelList, ProviderKey } from '@rill/protocol';
import { asRillError } from '../rillError.ts';

export type KeyClient = Pick<
  RillClient,
  | 'getProviderKey'
  | 'putProviderKey'
  | 'deleteProviderKey'
  | 'connectProvider'
  | 'finishConnection'
  | 'listModels'
>;

export interface ProviderKeyOptions {
  readonly client: KeyClient;
  /** Called with the models of the new key. */
  readonly onModels: (models: ModelList) => void;
}

/** The parameters that the provider's page adds to the address to which it returns. */
export interface Returned {
  readonly state: string;
  readonly code: string;
}

/** Null when the query has no such parameters. A provider may begin its part with a second question mark. */
export function readReturn(search: string): Returned | null {
  const query = new URLSearchParams(search.replaceAll('?', '&'));
  const [state, code] = [query.get('state'), query.get('code')];
  return state && code ? { state, code } : null;
}

export class ProviderKeyState {
  /** Null until it is read. */
  key = $state.raw<ProviderKey | null>(null);
  /** The last failure, as one sentence. */
  failure = $state<string | null>(null);
  isBusy = $state(false);
  /** The last action here. */
  done = $state<'stored' | 'deleted' | null>(null);
  readonly #options: ProviderKeyOptions;

  constructor(options: ProviderKeyOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.key = await this.#options.client.getProviderKey();
    });
  }

  /** True when the key is stored. */
  store(apiKey: string): Promise<boolean> {
    return this.#change('stored', (client) => client.putProviderKey({ apiKey }));
  }

  remove(): Promise<boolean> {
    return this.#change('deleted', (client) => client.deleteProviderKey());
  }

  /** The provider's page to open; null when that failed. */
  async connect(pageUrl: string): Promise<string | null> {
    let url: string | null = null;
    await this.#attempt(async () => {
      url = (await this.#options.client.connectProvider({ pageUrl })).url;
    });
    return url;
  }

  /** False when the code may work for another attempt: the server requires a sign-in first, or was not reached. */
  async finish(returned: Returned): Promise<boolean> {
    let isSpent = true;
    const isStored = await this.#change('stored', async (client) => {
      try {
        return await client.finishConnection(returned);
      } catch (error) {
        const { code, isRetryable } = asRillError(error);
        isSpent = code !== 'unauthorized' && !isRetryable;
        throw error;
      }
    });
    if (isStored) return true;
    // The rest is shown all the same.
    const { failure } = this;
    await this.load();
    this.failure = failure;
    return isSpent;
  }

  #change(done: 'stored' | 'deleted', call: (client: KeyClient) => Promise<ProviderKey>): Promise<boolean> {
    const { client, onModels } = this.#options;
    return this.#attempt(async () => {
      this.key = await call(client);
      this.done = done;
      onModels(await client.listModels());
    });
  }

  /** True on success. */
  async #attempt(action: () => Promise<void>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.failure = null;
    this.done = null;
    try {
      await action();
      return true;
    } catch (error) {
      this.failure = asRillError(error).message;
      return false;
    } finally {
      this.isBusy = false;
    }
  }
}
