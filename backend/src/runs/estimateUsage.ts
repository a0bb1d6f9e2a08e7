/** What an answer probably used when the provider did not say: always marked as estimated. */
import type { ContextReport, Model, Usage } from '@rill/protocol';
import { estimateTokens } from '../context/estimateTokens.ts';

export interface AnswerSoFar {
  readonly context: ContextReport | null;
  /** What is known of the model that was asked; null when nothing. */
  readonly model: Model | null;
  readonly content: string;
  readonly reasoning: string;
}

export function estimateUsage({ context, model, content, reasoning }: AnswerSoFar): Usage {
  const promptTokens = context?.estimatedTokens ?? 0;
  const reasoningTokens = reasoning === '' ? 0 : estimateTokens(reasoning);
  const completionTokens = estimateTokens(content) + reasoningTokens;
  const { promptUsdPerToken = null, completionUsdPerToken = null } = model ?? {};
  const costUsd =
    promptUsdPerToken === null || completionUsdPerToken === null
      ? null
      : promptTokens * promptUsdPerToken + completionTokens * completionUsdPerToken;
  return { promptTokens, completionTokens, reasoningTokens, cachedTokens: null, costUsd, estimated: true };
}
