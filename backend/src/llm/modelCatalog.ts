/**
 * Caches the provider's list of models. A model that is not listed may still exist: presets, aliases, wildcards and names
 * without their tag are in no list, so every name is tried.
 */
import type { Model } from '@rill/protocol';
import { type Clock, settleWithin } from '../clock.ts';
import type { ModelListing } from './wire/modelList.ts';
import type { ModelFeatures } from './wire/openRouterRequest.ts';

export interface ModelCatalog {
  /** The models of the last list; waits for the first list at most `firstWaitMs`. Empty when there is none. */
  list(): Promise<readonly Model[]>;
  /** Waits for the first list as `list` does. If it does not name the model, it is loaded again in the background. */
  lookFor(model: string): Promise<void>;
  /** The model in the last list; null when it is not listed. */
  find(model: string): Model | null;
  /** What a request to these may set: to the first, or to one that is asked in its place. */
  featuresOf(ids: readonly string[]): ModelFeatures | undefined;
  /** The model for chats that name none. */
  defaultModel(): string;
  /** Forgets the list, because another provider or key is in use; a list that is on its way is dropped. */
  forget(): void;
}

export interface ModelCatalogOptions {
  readonly fetchModels: (signal: AbortSignal) => Promise<ModelListing>;
  readonly clock: Clock;
  /** The model of the settings, which is the default whatever a list says. */
  readonly chosenModel: string | null;
  /** Used until a list is known, and when the list has no better one. */
  readonly fallbackModel: string;
  readonly onFailure: (error: unknown) => void;
}

/** Age after which the list is loaded again in the background. */
const maxAgeMs = 10 * 60_000;
/** Age from which an unknown name is a reason to load the list again: the model may be new. */
const minAgeMs = 30_000;
/** How long a send waits for the list, from its request on. */
const firstWaitMs = 2000;
/** How long one request for the list may take. */
const fetchTimeoutMs = 10_000;

interface CatalogState {
  listing: ModelListing | null;
  fetchedAtMs: number;
  fetching: Promise<void> | null;
  /** Aborted when the list that is on its way is no longer wanted. */
  forgotten: AbortController;
}

const nothingKnown = (): CatalogState => ({
  listing: null,
  fetchedAtMs: Number.NEGATIVE_INFINITY,
  fetching: null,
  forgotten: new AbortController(),
});

export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const { clock } = options;
  const state: CatalogState = nothingKnown();

  const refresh = (): Promise<void> => {
    if (state.fetching !== null) return state.fetching;
    const fetching = fetchOnce(state.forgotten.signal).finally(() => {
      if (state.fetching === fetching) state.fetching = null;
    });
    state.fetching = fetching;
    return fetching;
  };
  const fetchOnce = async (isForgotten: AbortSignal): Promise<void> => {
    const controller = new AbortController();
    const cancelTimer = clock.schedule(fetchTimeoutMs, () => controller.abort());
    state.fetchedAtMs = clock.elapsedMs();
    try {
      const listing = await options.fetchModels(AbortSignal.any([controller.signal, isForgotten]));
      if (listing.models.length > 0 && !isForgotten.aborted) state.listing = listing;
    } catch (error) {
      if (!isForgotten.aborted) options.onFailure(error);
    } finally {
      cancelTimer();
    }
  };
  const ageMs = () => clock.elapsedMs() - state.fetchedAtMs;
  /** Loads the list unless it was requested lately. Waits for it until `firstWaitMs` after the request. */
  const waitForFirstList = async (): Promise<void> => {
    if (ageMs() > minAgeMs) void refresh();
    const leftMs = firstWaitMs - ageMs();
    if (state.fetching && leftMs > 0) await settleWithin(clock, leftMs, state.fetching);
  };
  const current = async (): Promise<readonly Model[]> => {
    if (state.listing === null) await waitForFirstList();
    else if (ageMs() > maxAgeMs) void refresh();
    return state.listing?.models ?? [];
  };
  const find = (model: string): Model | null =>
    findModel(state.listing?.models ?? [], state.listing?.idBySlug.get(model) ?? model);
  const firstForChat = (): string | null =>
    state.listing?.models.find(({ id }) => state.listing?.forChat.has(id))?.id ?? null;

  return {
    list: current,
    find,
    featuresOf(ids) {
      if (!state.listing) return undefined;
      const isRouter = state.listing.models.some(
        ({ supportedParameters }) => supportedParameters !== undefined,
      );
      const lists = ids.map((id) => find(id)?.supportedParameters ?? null);
      const known = lists.filter((list) => list !== null);
      return { isRouter, supportedParameters: known.length < lists.length ? null : known.flat() };
    },
    defaultModel: () =>
      options.chosenModel ??
      (find(options.fallbackModel) ? options.fallbackModel : (firstForChat() ?? options.fallbackModel)),
    forget() {
      state.forgotten.abort();
      Object.assign(state, nothingKnown());
    },
    async lookFor(model) {
      const models = await current();
      if (models.length > 0 && find(model) === null && ageMs() > minAgeMs) void refresh();
    },
  };
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
