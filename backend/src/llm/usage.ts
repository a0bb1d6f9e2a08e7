/** The provider's `usage` object to Rill's `Usage`, with the object itself kept as it came. */
import type { Usage } from '@rill/protocol';
import { type JsonObject, numberOf, objectOf } from './jsonValue.ts';

/** What one provider call used. `raw` is the provider's object verbatim; tokens are the model's own. */
export interface ProviderUsage {
  readonly raw: JsonObject;
  readonly normalised: Usage;
}

/**
 * Reads a usage object. A missing cost stays null: not every server bills.
 * `estimated` is true when a token count is missing, which then reads 0.
 */
export function readUsage(raw: JsonObject): ProviderUsage {
  const promptTokens = countOf(raw.prompt_tokens);
  const completionTokens = countOf(raw.completion_tokens);
  return {
    raw,
    normalised: {
      promptTokens: promptTokens ?? 0,
      completionTokens: completionTokens ?? 0,
      reasoningTokens: countOf(objectOf(raw.completion_tokens_details).reasoning_tokens),
      cachedTokens: countOf(objectOf(raw.prompt_tokens_details).cached_tokens),
      costUsd: numberOf(raw.cost),
      estimated: promptTokens === null || completionTokens === null,
    },
  };
}

function countOf(value: unknown): number | null {
  const count = numberOf(value);
  return count !== null && count >= 0 ? count : null;
}
