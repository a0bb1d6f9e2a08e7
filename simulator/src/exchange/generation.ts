/** Keeps the generations: identity, counts, and the record that `GET /generation` returns after the end. */

import type { JsonObject } from '../jsonData.ts';
import type { FinishReason } from '../script.ts';
import type { GenerationIdentity } from '../wire/completionWire.ts';
import { costOf, type TokenCounts, type TokenPrice } from '../wire/tokenUsage.ts';
import type { RecordedRequest } from './requestLog.ts';

/** One generation; it changes while its answer is played. */
export interface Generation {
  identity: GenerationIdentity;
  request: RecordedRequest;
  isStream: boolean;
  counts: TokenCounts;
  price: TokenPrice;
  finishReason: FinishReason | null;
  nativeFinishReason: string | null;
  firstDeltaAtMs: number | undefined;
}

/**
 * Holds the generations of one simulator. Each stays unknown to callers for a number of look-ups after its end. The
 * total cost includes forgotten ones.
 */
export class GenerationStore {
  readonly #generations = new Map<string, { generation: Generation; lookups: number }>();
  readonly #notFoundCount: number;
  #forgottenCost = 0;

  /** @param notFoundCount look-ups after the end that still get a 404. */
  constructor(notFoundCount: number) {
    this.#notFoundCount = notFoundCount;
  }

  /** Remembers a generation from its start. */
  add(generation: Generation): void {
    this.#generations.set(generation.identity.id, { generation, lookups: 0 });
  }

  /** The record, or `undefined` while it is open or not yet settled upstream. */
  lookUp(id: string): JsonObject | undefined {
    const entry = this.#generations.get(id);
    if (entry === undefined || entry.generation.request.outcome === 'open') return undefined;
    entry.lookups += 1;
    return entry.lookups > this.#notFoundCount ? generationRecord(entry.generation) : undefined;
  }

  /** Drops a generation that has ended; look-ups get a 404 from then on. */
  forget(id: string): void {
    const entry = this.#generations.get(id);
    if (entry === undefined) return;
    this.#forgottenCost += totalCostOf(entry.generation);
    this.#generations.delete(id);
  }

  /** Total charged so far, in credits. */
  totalCost(): number {
    return [...this.#generations.values()].reduce(
      (sum, { generation }) => sum + totalCostOf(generation),
      this.#forgottenCost,
    );
  }
}

function totalCostOf({ counts, price }: Generation): number {
  return costOf(counts, price).total;
}

/** The saving by cache reads, less the extra cost of cache writes. */
function cacheDiscount({ counts, price }: Generation): number | null {
  if (counts.cache === undefined) return null;
  return costOf({ ...counts, cache: undefined }, price).total - costOf(counts, price).total;
}

function generationRecord(generation: Generation): JsonObject {
  const { identity, request, counts } = generation;
  const totalCost = totalCostOf(generation);
  const completionTokens = counts.contentTokens + counts.reasoningTokens;
  return {
    id: identity.id,
    upstream_id: null,
    model: identity.model,
    provider_name: identity.provider,
    router: null,
    created_at: new Date(request.startedAtMs).toISOString(),
    streamed: generation.isStream,
    cancelled: request.outcome === 'aborted',
    finish_reason: generation.finishReason,
    native_finish_reason: generation.nativeFinishReason,
    tokens_prompt: counts.promptTokens,
    tokens_completion: completionTokens,
    native_tokens_prompt: counts.promptTokens,
    native_tokens_completion: completionTokens,
    native_tokens_reasoning: counts.reasoningTokens,
    native_tokens_cached: counts.cache?.readTokens ?? 0,
    total_cost: totalCost,
    usage: totalCost,
    upstream_inference_cost: totalCost,
    cache_discount: cacheDiscount(generation),
    is_byok: false,
    latency: (generation.firstDeltaAtMs ?? request.endedAtMs ?? request.startedAtMs) - request.startedAtMs,
    generation_time: (request.endedAtMs ?? request.startedAtMs) - request.startedAtMs,
    moderation_latency: null,
    service_tier: null,
    num_search_results: null,
  };
}
