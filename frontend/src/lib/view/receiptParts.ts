/** A settled answer to the figures of its receipt, in reading order. What is not known is left out. */
import type { Message, Usage } from '@rill/protocol';
import { formatCost, formatEstimatedCost } from './format.ts';
import { messageText } from './messageText.ts';

export function receiptParts({ model, provider, usage, timings }: Message): string[] {
  const { receipt } = messageText;
  const parts = [model, provider, ...(usage ? usageParts(usage) : [])];
  const firstDeltaMs = timings?.firstDeltaMs ?? null;
  const totalMs = timings?.totalMs ?? null;
  if (firstDeltaMs !== null) parts.push(receipt.firstToken(firstDeltaMs));
  const rate = tokensPerSecond(usage, firstDeltaMs, totalMs);
  if (usage && rate !== null) parts.push(`${usage.estimated ? '~' : ''}${receipt.tokensPerSecond(rate)}`);
  if (totalMs !== null) parts.push(receipt.total(totalMs));
  return parts.filter((part): part is string => Boolean(part));
}

function usageParts(usage: Usage): string[] {
  const { receipt } = messageText;
  const mark = usage.estimated ? '~' : '';
  const details = (tokens: number | null, words: (tokens: number) => string): string =>
    tokens === null || tokens === 0 ? '' : ` (${words(tokens)})`;
  const parts = [
    `${mark}${receipt.tokensIn(usage.promptTokens)}${details(usage.cachedTokens, receipt.cached)}`,
    `${mark}${receipt.tokensOut(usage.completionTokens)}${details(usage.reasoningTokens, receipt.reasoning)}`,
  ];
  if (usage.costUsd !== null) {
    parts.push((usage.estimated ? formatEstimatedCost : formatCost)(usage.costUsd));
  }
  if (usage.estimated) parts.push(usage.costUsd === null ? receipt.estimated : receipt.estimatedCost);
  return parts;
}

/** Over less than this a rate is noise. */
const minWritingMs = 200;

/** From the first text to the end; null when that is not known or too short to say. */
function tokensPerSecond(
  usage: Usage | null,
  firstDeltaMs: number | null,
  totalMs: number | null,
): number | null {
  if (!usage || firstDeltaMs === null || totalMs === null || totalMs - firstDeltaMs < minWritingMs)
    return null;
  const rate = Math.round((usage.completionTokens * 1000) / (totalMs - firstDeltaMs));
  return rate > 0 ? rate : null;
}
