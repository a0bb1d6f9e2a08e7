/** Computes token counts and their price, for the accounting chunk and the generation record. Costs are in credits (1 = 1 USD). */

import type { JsonObject } from '../jsonData.ts';
import type { CacheUse, ToolUse } from '../script.ts';
import type { RequestMessage } from './completionRequest.ts';
import { countTokens } from './splitDeltas.ts';

/** What one generation consumed. */
export interface TokenCounts {
  promptTokens: number;
  contentTokens: number;
  reasoningTokens: number;
  tools?: ToolUse | undefined;
  cache?: CachedTokens | undefined;
}

/** A model's price, USD per token. */
export interface TokenPrice {
  prompt: number;
  completion: number;
}

/** Tokens of a prompt that a cache read, and tokens that it wrote. */
export interface CachedTokens {
  readTokens: number;
  writeTokens: number;
}

/** No provider caches a shorter prompt. */
const minCachedTokens = 1024;

export function cachedTokens({ readTokens, writeTokens }: CacheUse, promptTokens: number): CachedTokens {
  const restTokens = promptTokens >= minCachedTokens ? promptTokens - readTokens : 0;
  return { readTokens, writeTokens: writeTokens === 'rest' ? restTokens : writeTokens };
}

/** Chat templates wrap every message in about this many tokens. */
const tokensPerMessage = 4;

/** Tokens of a whole prompt. */
export function countPromptTokens(messages: readonly RequestMessage[]): number {
  return messages.reduce((sum, message) => sum + tokensPerMessage + countTokens(message.text), 0);
}

/** Price of a generation, rounded to 1e-10 so that float noise stays off the wire. */
export function costOf(
  counts: TokenCounts,
  price: TokenPrice,
): { prompt: number; completion: number; total: number } {
  const { readTokens = 0, writeTokens = 0 } = counts.cache ?? {};
  const paidTokens =
    counts.promptTokens - readTokens * (1 - cacheReadShare) + writeTokens * (cacheWriteShare - 1);
  const prompt = round(paidTokens * price.prompt);
  const completion = round((counts.contentTokens + counts.reasoningTokens) * price.completion);
  return { prompt, completion, total: round(prompt + completion + (counts.tools?.feeUsd ?? 0)) };
}

/** Price of a token that is read from a cache, or written to one, as a share of another token's. */
export const cacheReadShare = 0.1;
const cacheWriteShare = 1.25;

/** OpenRouter's usage object. */
export function openRouterUsage(counts: TokenCounts, price: TokenPrice): JsonObject {
  const cost = costOf(counts, price);
  const { tools, cache } = counts;
  return {
    ...openAiUsage(counts),
    cost: cost.total,
    is_byok: false,
    prompt_tokens_details: {
      cached_tokens: cache?.readTokens ?? 0,
      cache_write_tokens: cache?.writeTokens ?? 0,
      audio_tokens: 0,
      video_tokens: 0,
    },
    ...(tools && toolUsage(tools)),
    cost_details: {
      upstream_inference_cost: tools?.isNative === false ? round(cost.total - tools.feeUsd) : cost.total,
      upstream_inference_prompt_cost: cost.prompt,
      upstream_inference_completions_cost: cost.completion,
    },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoningTokens,
      image_tokens: 0,
      audio_tokens: 0,
    },
  };
}

/** Recordings have one name for the field, the documentation has the other. */
function toolUsage({ searches, isNative }: ToolUse): JsonObject {
  const used = {
    web_search_requests: searches,
    tool_calls_requested: searches,
    tool_calls_executed: searches,
  };
  return isNative
    ? { server_tool_use_details: used }
    : { server_tool_use: { web_search_requests: searches } };
}

/** The three counts every OpenAI-style server reports. */
export function openAiUsage(counts: TokenCounts): JsonObject {
  const completionTokens = counts.contentTokens + counts.reasoningTokens;
  return {
    prompt_tokens: counts.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: counts.promptTokens + completionTokens,
  };
}

function round(value: number): number {
  return Math.round(value * 1e10) / 1e10;
}
