/**
 * Computes the usage of a run as the sum over its provider calls, since a failed call that was retried can be billed too.
 * The provider's figures are used where they are known. The sum is an estimate until all of them are.
 */
import { type ContextReport, type JsonObject, type Model, sumUsage, type Usage } from '@rill/protocol';
import { estimateTokens, type SampledText } from '../../context/estimateTokens.ts';
import type { GenerationRow } from '../../database/schema.ts';
import { readUsage } from '../../llm/wire/usage.ts';

/** What an estimate is computed from. */
export interface UsageInput {
  readonly context: ContextReport | null;
  /** The requested model; null when the catalog does not list it. */
  readonly model: Model | null;
  readonly content: SampledText;
  readonly reasoning: SampledText;
}

/** `generations` in the order of their attempts. Null if no provider accepted a call, so nothing was used. */
export function usageOfRun(generations: readonly GenerationRow[], answer: UsageInput): Usage | null {
  const accepted = generations.filter((row) => row.generation_id !== null || row.usage_json !== null);
  const last = accepted.at(-1);
  if (!last)
    return answer.content.length === 0 && answer.reasoning.length === 0 ? null : estimateUsage(answer);
  // Only the last call wrote text. An earlier one failed before its first text, so it most likely cost nothing.
  return sumUsage(
    accepted.map((row) => {
      const known = withSavings(knownUsage(row), answer.model);
      return row === last ? withEstimates(known, answer) : known;
    }),
  );
}

/** Computed from listed prices if the provider does not report the cache's savings. */
function withSavings(known: Usage | null, model: Model | null): Usage | null {
  const { promptUsdPerToken, cacheReadUsdPerToken } = model ?? {};
  if (!known?.cachedTokens || known.savedUsd !== undefined) return known;
  if (promptUsdPerToken == null || cacheReadUsdPerToken === undefined) return known;
  const savedUsd = known.cachedTokens * (promptUsdPerToken - cacheReadUsdPerToken);
  return savedUsd > 0 ? { ...known, savedUsd } : known;
}

/** Estimates the figures that the provider did not report, or reported as zero. */
function withEstimates(known: Usage | null, answer: UsageInput): Usage {
  if (known !== null && !known.estimated) return known;
  const estimate = estimateUsage(answer);
  if (known === null) return estimate;
  return {
    ...known,
    promptTokens: known.promptTokens || estimate.promptTokens,
    completionTokens: known.completionTokens || estimate.completionTokens,
    costUsd: known.costUsd ?? estimate.costUsd,
  };
}

function knownUsage({ usage_json }: GenerationRow): Usage | null {
  return usage_json === null ? null : readUsage(JSON.parse(usage_json) as JsonObject).normalised;
}

/** The probable usage of an answer whose provider reported none. */
function estimateUsage({ context, model, content, reasoning }: UsageInput): Usage {
  const promptTokens = context?.estimatedTokens ?? 0;
  const reasoningTokens = reasoning.length === 0 ? 0 : estimateTokens(reasoning);
  const completionTokens = estimateTokens(content) + reasoningTokens;
  const { promptUsdPerToken = null, completionUsdPerToken = null } = model ?? {};
  const costUsd =
    promptUsdPerToken === null || completionUsdPerToken === null
      ? null
      : promptTokens * promptUsdPerToken + completionTokens * completionUsdPerToken;
  return { promptTokens, completionTokens, reasoningTokens, cachedTokens: null, costUsd, estimated: true };
}
