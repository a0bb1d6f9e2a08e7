/**
 * Caches the provider's list of models. A model that is not listed may still exist: presets, aliases, wildcards and
 * names without their tag are never listed, so every name is tried.
 */
import type { Model } from '@rill/protocol';
import { type Clock, settleWithin } from '../clock.ts';
import type { ModelListing } from './wire/modelList.ts';
import type { ModelFeatures } from './wire/openRouterRequest.ts';

export interface ModelCatalog {
  /** The models of the last list; waits for the first list at most `firstWaitMs`. Empty if there is none. */
  list(): Promise<readonly Model[]>;
  /** Waits for the first list as `list` does. If it does not name the model, it is loaded again in the background. */
  lookFor(model: string): Promise<void>;
  /** The model in the last list; null if it is not listed. */
  find(model: string): Model | null;
  /** The features that a request may use: those of the first model, or of one that may answer in its place. */
  featuresOf(ids: readonly string[]): ModelFeatures | undefined;
  /** The model for chats without one. */
  defaultModel(): string;
  /** Drops the list, because another provider or key is in use; a list that is being loaded is dropped, too. */
  forget(): void;
}

export interface ModelCatalogOptions {
  readonly fetchModels: (signal: AbortSignal) => Promise<ModelListing>;
  readonly clock: Clock;
  /** The configured model, which is the default whatever the list contains. */
  readonly chosenModel: string | null;
  /** Used until a list is loaded, and if the list has no better one. */
  readonly fallbackModel: string;
  readonly onFailure: (error: unknown) => void;
}

/** Age after which the list is loaded again in the background. */
const maxAgeMs = 10 * 60_000;
/** Age from which an unknown name is a reason to load the list again: the model may be new. */
const minAgeMs = 30_000;
/** How long a send waits for the list, counted from the list's request. */
const firstWaitMs = 2000;
/** Time limit for loading the list. */
const fetchTimeoutMs = 10_000;

export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const cache = new ListingCache(options);
  const find = (model: string): Model | null =>
    findModel(cache.listing?.models ?? [], cache.listing?.idBySlug.get(model) ?? model);
  const firstForChat = (): string | null =>
    cache.listing?.models.find(({ id }) => cache.listing?.forChat.has(id))?.id ?? null;

  return {
    list: () => cache.list(),
    find,
    featuresOf(ids) {
      if (!cache.listing) return undefined;
      const isRouter = cache.listing.models.some(
        ({ supportedParameters }) => supportedParameters !== undefined,
      );
      const lists = ids.map((id) => find(id)?.supportedParameters ?? null);
      const known = lists.filter((list) => list !== null);
      return { isRouter, supportedParameters: known.length < lists.length ? null : known.flat() };
    },
    defaultModel: () =>
      options.chosenModel ??
      (find(options.fallbackModel) ? options.fallbackModel : (firstForChat() ?? options.fallbackModel)),
    forget: () => cache.forget(),
    async lookFor(model) {
      const models = await cache.list();
      if (models.length > 0 && find(model) === null) cache.refreshUnlessRecent();
    },
  };
}

/** Holds the last list, and loads it again in the background. */
class ListingCache {
  listing: ModelListing | null = null;
  readonly #options: ModelCatalogOptions;
  #requestedAtMs = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | null = null;
  /** Aborted when the list that is being loaded is no longer wanted. */
  #forgotten = new AbortController();

  constructor(options: ModelCatalogOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly Model[]> {
    if (this.listing === null) await this.#waitForFirst();
    else if (this.#ageMs() > maxAgeMs) void this.#refresh();
    return this.listing?.models ?? [];
  }

  refreshUnlessRecent(): void {
    if (this.#ageMs() > minAgeMs) void this.#refresh();
  }

  forget(): void {
    this.#forgotten.abort();
    this.#forgotten = new AbortController();
    this.listing = null;
    this.#requestedAtMs = Number.NEGATIVE_INFINITY;
    this.#loading = null;
  }

  #ageMs(): number {
    return this.#options.clock.elapsedMs() - this.#requestedAtMs;
  }

  /** Waits for the list until `firstWaitMs` after it was requested. */
  async #waitForFirst(): Promise<void> {
    this.refreshUnlessRecent();
    const leftMs = firstWaitMs - this.#ageMs();
    if (this.#loading && leftMs > 0) await settleWithin(this.#options.clock, leftMs, this.#loading);
  }

  #refresh(): Promise<void> {
    if (this.#loading !== null) return this.#loading;
    const loading = this.#load(this.#forgotten.signal).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  async #load(isForgotten: AbortSignal): Promise<void> {
    const { clock, fetchModels, onFailure } = this.#options;
    const timeout = new AbortController();
    const cancelTimer = clock.schedule(fetchTimeoutMs, () => timeout.abort());
    this.#requestedAtMs = clock.elapsedMs();
    try {
      const listing = await fetchModels(AbortSignal.any([timeout.signal, isForgotten]));
      if (listing.models.length > 0 && !isForgotten.aborted) this.listing = listing;
    } catch (error) {
      if (!isForgotten.aborted) onFailure(error);
    } finally {
      cancelTimer();
    }
  }
}

/** By id, by the id before a routing suffix such as `:nitro`, or by the id without a tag such as `:latest`. */
function findModel(models: readonly Model[], id: string): Model | null {
  const baseId = id.replace(/:[a-z]+$/, '');
  return (
    models.find((model) => model.id === id) ??
    models.find((model) => model.id === baseId) ??
    models.find((model) => model.id === `${id}:latest`) ??
    models.find((model) => model.id.startsWith(`${id}:`)) ??
    null
  );
}
