/**
 * The provider's list of models, kept for a while. A provider that does not list its models is no error: then
 * nothing is known about any model, and every name is tried.
 */
import type { Model } from '@rill/protocol';
import type { Clock } from '../clock.ts';

export interface ModelCatalog {
  /** The models as last known; waits for the first list at most `firstWaitMs`. Empty when none is to be had. */
  list(): Promise<readonly Model[]>;
  /** False only when the provider lists its models and this is none of them; null when nothing is known. */
  isKnown(model: string): Promise<boolean | null>;
  /** What is known about a model now. */
  find(model: string): Model | null;
  /** The model for chats that name none. */
  defaultModel(): string;
}

export interface ModelCatalogOptions {
  readonly fetchModels: (signal: AbortSignal) => Promise<Model[]>;
  readonly clock: Clock;
  /** Used until a list is known and when it holds no better one. */
  readonly fallbackModel: string;
  readonly onFailure: (error: unknown) => void;
}

/** Age after which the list is asked for again in the background. */
const maxAgeMs = 10 * 60_000;
/** Age from which an unknown name is a reason to ask again: the model may be new. */
const minAgeMs = 30_000;
/** How long after a question for the list a send waits for it. */
const firstWaitMs = 2000;
/** How long one request for the list may take. */
const fetchTimeoutMs = 10_000;

export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const { clock } = options;
  const state: { models: readonly Model[] | null; fetchedAtMs: number; fetching: Promise<void> | null } = {
    models: null,
    fetchedAtMs: Number.NEGATIVE_INFINITY,
    fetching: null,
  };

  const refresh = (): Promise<void> => {
    state.fetching ??= fetchOnce().finally(() => {
      state.fetching = null;
    });
    return state.fetching;
  };
  const fetchOnce = async (): Promise<void> => {
    const controller = new AbortController();
    const cancelTimer = clock.schedule(fetchTimeoutMs, () => controller.abort());
    state.fetchedAtMs = clock.nowMs();
    try {
      const models = await options.fetchModels(controller.signal);
      if (models.length > 0) state.models = models;
    } catch (error) {
      options.onFailure(error);
    } finally {
      cancelTimer();
    }
  };
  const ageMs = () => clock.nowMs() - state.fetchedAtMs;
  /** Asks unless that was done lately; waits for a question under way, until `firstWaitMs` after it was asked. */
  const waitForNews = async (): Promise<void> => {
    if (ageMs() > minAgeMs) void refresh();
    const leftMs = Math.min(firstWaitMs, firstWaitMs - ageMs());
    if (state.fetching && leftMs > 0) await atMost(clock, leftMs, state.fetching);
  };
  const current = async (): Promise<readonly Model[]> => {
    if (state.models === null) await waitForNews();
    else if (ageMs() > maxAgeMs) void refresh();
    return state.models ?? [];
  };
  const find = (model: string): Model | null => findModel(state.models ?? [], model);

  return {
    list: current,
    find,
    defaultModel: () =>
      find(options.fallbackModel) || state.models === null
        ? options.fallbackModel
        : (state.models[0]?.id ?? options.fallbackModel),
    async isKnown(model) {
      const models = await current();
      if (models.length === 0) return null;
      if (find(model) || model.startsWith('~')) return true;
      await waitForNews();
      return find(model) !== null;
    },
  };
}

/** By id, or by the id before a routing suffix such as `:nitro`. */
function findModel(models: readonly Model[], id: string): Model | null {
  const baseId = id.replace(/:[a-z]+$/, '');
  return models.find((model) => model.id === id) ?? models.find((model) => model.id === baseId) ?? null;
}

function atMost(clock: Clock, waitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = clock.schedule(waitMs, resolve);
    void work.finally(() => {
      cancelTimer();
      resolve();
    });
  });
}
