/** Turns the provider's `usage` object into Rill's `Usage`, and keeps the object itself. */
import type { JsonObject, Usage } from '@rill/protocol';
import { numberOf, objectOf } from './jsonValue.ts';

/** The usage of one provider call. `raw` is the provider's object verbatim; tokens are the model's own. */
export interface ProviderUsage {
  readonly raw: JsonObject;
  readonly normalised: Usage;
}

const promptNames = [
  'prompt_tokens',
  'input_tokens',
  'promptTokens',
  'inputTokens',
  'prompt_eval_count',
  'promptTokenCount',
];
const completionNames = [
  'completion_tokens',
  'output_tokens',
  'completionTokens',
  'outputTokens',
  'eval_count',
  'candidatesTokenCount',
  'generated_tokens',
];
const reasoningNames = ['reasoning_tokens', 'reasoningTokens', 'thoughtsTokenCount'];
const cachedNames = [
  'cached_tokens',
  'cachedTokens',
  'prompt_cache_hit_tokens',
  'cache_read_input_tokens',
  'cache_read_tokens',
  'cachedContentTokenCount',
];
const cacheWriteNames = ['cache_write_tokens', 'cache_creation_input_tokens', 'cacheWriteTokens'];
const costNames = ['cost', 'total_cost', 'estimated_cost', 'cost_usd'];

/**
 * Reads a usage object under the names of any known server. A missing cost stays null, since not every server bills.
 * `estimated` is true when a token count is missing, which then counts as 0. A count below 0 is missing too.
 */
export function readUsage(raw: JsonObject): ProviderUsage {
  const promptTokens = firstOf(raw, promptNames);
  const completionTokens = firstOf(raw, completionNames) ?? subtractPrompt(raw, promptTokens);
  const out = objectOf(raw.completion_tokens_details ?? raw.output_tokens_details);
  const into = objectOf(raw.prompt_tokens_details ?? raw.input_tokens_details);
  return {
    raw,
    normalised: {
      promptTokens: promptTokens ?? 0,
      completionTokens: completionTokens ?? 0,
      reasoningTokens: firstOf(out, reasoningNames) ?? firstOf(raw, reasoningNames),
      cachedTokens: firstOf(into, cachedNames) ?? firstOf(raw, cachedNames),
      costUsd: firstOf(raw, costNames),
      ...readExtras(raw, into),
      estimated: promptTokens === null || completionTokens === null,
    },
  };
}

/** Figures that most answers lack are absent rather than zero. */
function readExtras(
  raw: JsonObject,
  into: JsonObject,
): Pick<Usage, 'cacheWriteTokens' | 'toolCostUsd' | 'searchCount' | 'savedUsd'> {
  const cacheWriteTokens = firstOf(into, cacheWriteNames) ?? firstOf(raw, cacheWriteNames);
  const toolCostUsd = readToolCost(raw);
  // OpenRouter's recordings and its documentation use different names.
  const tools = [objectOf(raw.server_tool_use_details), objectOf(raw.server_tool_use)];
  const searchCount = tools
    .map(({ web_search_requests }) => amountOf(web_search_requests))
    .find((count) => count !== null);
  // A negative discount is the price of writing to the cache, which saves nothing yet.
  const savedUsd = amountOf(raw.cache_discount);
  return {
    ...(cacheWriteTokens && { cacheWriteTokens }),
    ...(toolCostUsd && { toolCostUsd }),
    ...(searchCount && { searchCount }),
    ...(savedUsd && { savedUsd }),
  };
}

/** A smaller difference is rounding, in US dollars; the cheapest search costs a tenth of a cent. */
const minToolCostUsd = 1e-5;

/** The cost minus that of the model's own tokens. With the user's own provider key, the cost means something else. */
function readToolCost(raw: JsonObject): number | null {
  const details = objectOf(raw.cost_details);
  const cost = firstOf(raw, costNames);
  const prompt = amountOf(details.upstream_inference_prompt_cost);
  const completion = amountOf(details.upstream_inference_completions_cost);
  if (cost === null || prompt === null || completion === null || raw.is_byok === true) return null;
  // Removes the noise of floating point.
  const fee = Math.round((cost - prompt - completion) * 1e10) / 1e10;
  return fee >= minToolCostUsd ? fee : null;
}

/** The answer's tokens as the total less the prompt. */
function subtractPrompt(raw: JsonObject, promptTokens: number | null): number | null {
  const totalTokens = firstOf(raw, ['total_tokens', 'totalTokens', 'totalTokenCount']);
  return promptTokens === null || totalTokens === null ? null : amountOf(totalTokens - promptTokens);
}

function firstOf(raw: JsonObject, names: readonly string[]): number | null {
  for (const name of names) {
    const amount = amountOf(raw[name]);
    if (amount !== null) return amount;
  }
  return null;
}

/** Far more than any answer has: a larger figure is an error of the server and would spoil every sum. */
const maxAmount = 1e12;

/** A count, a price or a cost; null for a negative or far too large number, and for no number. */
export function amountOf(value: unknown): number | null {
  const amount = numberOf(value);
  return amount !== null && amount >= 0 && amount <= maxAmount ? amount : null;
}
