/** Opens the provider with the current key, and replaces it when a user enters or deletes a key. */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import type { Config, ProviderConfig } from './config.ts';
import { KeyFile } from './llm/key/keyFile.ts';
import { type ConnectionStore, MemoryConnections } from './llm/key/pendingConnections.ts';
import { ProviderKeys } from './llm/key/providerKey.ts';
import { createReplaceableService } from './llm/key/replaceableService.ts';
import { watchKey } from './llm/key/watchKey.ts';
import { createLlmService, type KeyQueries, type LlmService } from './llm/llmService.ts';
import type { FormMemory } from './llm/requestForms.ts';

/** The provider settings that the demo replaces. */
export type DemoAddress = Pick<ProviderConfig, 'baseUrl' | 'query' | 'basicAuth' | 'apiKey' | 'proxies'>;

export interface Demo {
  readonly address: DemoAddress;
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly config: Pick<Config, 'provider' | 'dataDirectory'>;
  /** True when other processes use the same data folder. */
  readonly isShared: boolean;
  /** Stores connections that were begun, for all processes; null for this process's memory. */
  readonly connections: ConnectionStore | null;
  /** Starts the demo, which answers while there is neither a key nor another server; called at most once. */
  readonly startDemo: () => Promise<Demo>;
  readonly formMemory: FormMemory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: FastifyBaseLogger;
  /** Called when another key, or the demo, comes into use. */
  readonly onChanged: () => void;
}

export interface Provider {
  readonly llm: LlmService;
  readonly keys: ProviderKeys;
  /** True while the demo answers. */
  isDemo(): boolean;
  close(): Promise<void>;
}

/** Errors: throws one sentence if a stored key cannot be read. */
export async function openProvider(options: ProviderOptions): Promise<Provider> {
  const { clock, logger } = options;
  const { provider: settings, dataDirectory } = options.config;
  const state: { isDemo: boolean; demo: Promise<Demo> | null } = { isDemo: settings.isDemo, demo: null };
  const createService = (address: Partial<ProviderConfig>): LlmService & KeyQueries =>
    createLlmService({
      ...settings,
      ...address,
      clock,
      random: options.random,
      formMemory: options.formMemory,
      onWarning: (fields) => logger.warn(fields, 'provider'),
    });
  /** Opens the service for an entered key; without one, for that of the settings, or the demo. */
  const openService = async (apiKey: string | null): Promise<LlmService> => {
    state.isDemo = apiKey === null && settings.isDemo;
    if (!state.isDemo) return createService(apiKey === null ? {} : { apiKey });
    state.demo ??= options.startDemo();
    return createService((await state.demo).address);
  };
  const keys = new ProviderKeys({
    settings,
    file: new KeyFile(dataDirectory),
    connections: options.connections ?? new MemoryConnections(clock),
    clock,
    openService: (apiKey) => createService({ apiKey }),
    async useKey(apiKey) {
      llm.replace(await openService(apiKey));
      logger.info({ event: 'provider_key_changed', isStored: apiKey !== null });
      options.onChanged();
    },
  });
  const llm = createReplaceableService(await openService(keys.enteredKey));
  const stopWatching = options.isShared ? watchKey({ keys, clock, logger }) : async () => undefined;
  return {
    llm,
    keys,
    isDemo: () => state.isDemo,
    async close() {
      await stopWatching();
      await llm.close();
      await (await state.demo)?.close();
    },
  };
}
