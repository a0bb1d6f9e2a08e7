/**
 * Decides which key is used: that of the settings, else the one that a user entered or obtained from the provider's
 * page. The key leaves this file only for the service in use and the key file.
 */
import { type ProviderConnection, type ProviderKey, RillError } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import { readApiKey } from '../http/providerAddress.ts';
import type { KeyQueries, LlmService } from '../llmService.ts';
import type { KeyFile } from './keyFile.ts';
import { type ConnectionStore, connectionLifeMs, PendingConnections } from './pendingConnections.ts';

type KeyService = KeyQueries & Pick<LlmService, 'close'>;

export interface ProviderKeyOptions {
  readonly settings: KeySettings;
  readonly file: KeyFile;
  readonly connections: ConnectionStore;
  readonly clock: Clock;
  /** Opens a service for the provider of the settings with this key; the caller closes it. */
  readonly openService: (apiKey: string | null) => KeyService;
  /** Switches to a key; null for that of the settings, or for none. */
  readonly useKey: (apiKey: string | null) => Promise<void>;
}

export interface KeySettings {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly basicAuth: string | null;
  /** The provider's page that creates keys for programs; null if it has none. */
  readonly keyPageUrl: string | null;
}

/** The page that asks, and for whom. */
interface Begin {
  readonly pageUrl: string;
  readonly sessionId: string | null;
}

/** What the provider's page returned, and for which session. */
interface Finish {
  readonly state: string;
  readonly code: string;
  readonly sessionId: string | null;
}

/** The shown end of a shorter key would reveal half of it. */
const minLengthForEnd = 16;

export class ProviderKeys {
  readonly #options: ProviderKeyOptions;
  readonly #pending: PendingConnections;
  #stored: ReturnType<KeyFile['read']>;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** Errors: those of `KeyFile.read`. */
  constructor(options: ProviderKeyOptions) {
    this.#options = options;
    this.#pending = new PendingConnections(options.connections);
    this.#stored = options.file.read();
  }

  /** The entered key if it is to be used; null if the settings have a key, and if none was entered. */
  get enteredKey(): string | null {
    const { baseUrl } = this.#options.settings;
    return this.#isInSettings || this.#stored?.baseUrl !== baseUrl ? null : this.#stored.apiKey;
  }

  describe(): ProviderKey {
    const { apiKey, keyPageUrl } = this.#options.settings;
    const { enteredKey } = this;
    const key = this.#isInSettings ? apiKey : enteredKey;
    const entered = enteredKey === null ? 'none' : 'stored';
    return {
      source: this.#isInSettings ? 'environment' : entered,
      lastCharacters: key !== null && key.length >= minLengthForEnd ? key.slice(-4) : '',
      hasUnusedKey: this.#stored !== null && enteredKey === null,
      canConnect: keyPageUrl !== null && !this.#isInSettings,
    };
  }

  /**
   * Stores a pasted key, and uses it. Errors: key_in_settings; bad_request if it is not a key; key_refused if the
   * provider refuses it.
   */
  async store(pasted: string): Promise<ProviderKey> {
    this.#refuseInSettings();
    const apiKey = readPastedKey(pasted);
    await this.#checkAtProvider(apiKey);
    return this.#change(apiKey);
  }

  /** Uses what another process on the same folder has since stored or removed. Errors: those of `KeyFile.read`. */
  refresh(): Promise<void> {
    return this.#inOrder(async () => {
      const { file, useKey } = this.#options;
      if (!(await file.hasChanged())) return;
      const before = this.enteredKey;
      this.#stored = file.read();
      if (this.enteredKey !== before) await useKey(this.enteredKey);
    });
  }

  /** Answers in progress keep the key with which they began. */
  remove(): Promise<ProviderKey> {
    return this.#change(null);
  }

  /** Begins a connection. Errors: key_in_settings; not_found if the provider has no page for it; bad_request. */
  async connect({ pageUrl, sessionId }: Begin): Promise<ProviderConnection> {
    const { settings, clock } = this.#options;
    this.#refuseInSettings();
    if (settings.keyPageUrl === null) {
      throw new RillError('not_found', { message: 'This provider makes no keys for programs: enter one.' });
    }
    const back = URL.parse(pageUrl);
    if (back === null || !/^https?:$/.test(back.protocol)) {
      throw new RillError('bad_request', { message: 'pageUrl is not the address of a page.' });
    }
    const { state, challenge } = await this.#pending.begin(sessionId);
    back.searchParams.set('state', state);
    const url = new URL(settings.keyPageUrl);
    url.searchParams.set('callback_url', back.href);
    url.searchParams.set('code_challenge', challenge);
    url.searchParams.set('code_challenge_method', 'S256');
    url.searchParams.set('key_label', 'Rill');
    return { url: url.href, expiresAtMs: clock.nowMs() + connectionLifeMs };
  }

  /** Errors: key_in_settings; connection_expired; those of the provider if it cannot be reached. */
  async finish({ state, code, sessionId }: Finish): Promise<ProviderKey> {
    this.#refuseInSettings();
    const verifier = await this.#pending.take(state, sessionId);
    const apiKey = verifier === null ? null : await this.#exchange({ code, verifier });
    if (apiKey === null) throw new RillError('connection_expired');
    return this.#change(readPastedKey(apiKey));
  }

  get #isInSettings(): boolean {
    const { apiKey, basicAuth } = this.#options.settings;
    return apiKey !== null || basicAuth !== null;
  }

  #refuseInSettings(): void {
    if (this.#isInSettings) throw new RillError('key_in_settings');
  }

  /** Only OpenRouter can verify a key. If the check fails, the key is accepted. */
  async #checkAtProvider(apiKey: string): Promise<void> {
    if (this.#options.settings.keyPageUrl === null) return;
    const isAccepted = await this.#ask(apiKey, (service, signal) => service.isKeyAccepted({ signal })).catch(
      () => true,
    );
    if (!isAccepted) throw new RillError('key_refused');
  }

  #exchange(keyCode: { readonly code: string; readonly verifier: string }): Promise<string | null> {
    return this.#ask(null, (service, signal) => service.exchangeKeyCode(keyCode, { signal }));
  }

  async #ask<Answer>(
    apiKey: string | null,
    question: (service: KeyQueries, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const service = this.#options.openService(apiKey);
    try {
      return await question(service, new AbortController().signal);
    } finally {
      await service.close();
    }
  }

  #change(apiKey: string | null): Promise<ProviderKey> {
    return this.#inOrder(async () => {
      const { file, settings, useKey } = this.#options;
      const stored = apiKey === null ? null : { apiKey, baseUrl: settings.baseUrl };
      if (stored === null) file.remove();
      else file.write(stored);
      this.#stored = stored;
      if (!this.#isInSettings) await useKey(this.enteredKey);
      return this.describe();
    });
  }

  /** In turn, so that the file and the service in use never differ. */
  #inOrder<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#lastChange.then(change);
    // The caller gets the failure; the next change runs anyway.
    this.#lastChange = changed.catch(() => undefined);
    return changed;
  }
}

/** Errors: bad_request, whose message contains no part of the text. */
function readPastedKey(text: string): string {
  try {
    const key = readApiKey(text);
    if (key !== null) return key;
  } catch (cause) {
    throw new RillError('bad_request', { message: `The key ${(cause as Error).message}`, cause });
  }
  throw new RillError('bad_request', { message: 'The key is empty.' });
}
