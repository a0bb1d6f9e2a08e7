/**
 * Predicts the cost of the next turn from the listed prices, the model's token counts of earlier requests, and what the
 * provider's cache probably still has.
 */
import type { Model, TurnPrice, Usage } from '@rill/protocol';
import type { BranchUsage } from '../../store/branches/branchUsages.ts';
import type { CountedRequest } from '../../store/money/recentCounts.ts';

export interface PricedTurn {
  readonly model: string;
  /** The whole request, and the part with which every request begins. */
  readonly estimatedTokens: number;
  readonly instructionsTokens: number;
  readonly historyTokens: number;
  /** The answers so far, oldest first. */
  readonly usages: readonly BranchUsage[];
  /** Requests to the same model in other chats, latest first. */
  readonly recent: readonly CountedRequest[];
  readonly nowMs: number;
}

/** Null if the provider lists no price. */
export function turnPrice(listed: Model | null, turn: PricedTurn): TurnPrice | null {
  const { promptUsdPerToken = null, completionUsdPerToken = null } = listed ?? {};
  if (promptUsdPerToken === null) return null;
  const counted = turn.usages.filter(
    (each) => each.requestedModel === turn.model && isCounted(each.usage),
  ) as readonly CountedUsage[];
  const correction = correctionOf(counted.at(-1), turn.recent);
  const [allTokens, instructionsTokens, historyTokens] = [
    turn.estimatedTokens,
    turn.instructionsTokens,
    turn.historyTokens,
  ].map((tokens) => tokens * correction) as [number, number, number];
  const cachedTokens = Math.min(cachedTokensOf(counted, turn), instructionsTokens + historyTokens);
  const savedUsdPerToken = promptUsdPerToken - (listed?.cacheReadUsdPerToken ?? promptUsdPerToken);
  const cachedHistoryTokens = Math.max(0, cachedTokens - instructionsTokens);
  // What is not read from a cache is written to one, if the request asks the model to do that.
  const writesToCache = isAskedToCache(counted, turn) && allTokens >= minCachedTokens;
  const newUsdPerToken = promptUsdPerToken * (writesToCache ? cacheWriteShare : 1);
  const savedUsd = cachedTokens * savedUsdPerToken;
  return {
    promptUsd: (allTokens - cachedTokens) * newUsdPerToken + cachedTokens * promptUsdPerToken - savedUsd,
    historyUsd:
      (historyTokens - cachedHistoryTokens) * newUsdPerToken +
      cachedHistoryTokens * (promptUsdPerToken - savedUsdPerToken),
    answerUsd: answerUsd(turn.usages, completionUsdPerToken),
    ...(savedUsd > 0 && { savedUsd }),
  };
}

interface CountedUsage extends BranchUsage {
  readonly usage: Usage;
}

const isCounted = (usage: Usage | null): boolean =>
  usage !== null && !usage.estimated && usage.promptTokens > 0;

/** As long as the earlier answers on average. */
function answerUsd(usages: readonly BranchUsage[], usdPerToken: number | null): number | null {
  const lengths = usages.flatMap(({ usage }) => (usage ? [usage.completionTokens] : []));
  if (lengths.length === 0 || usdPerToken === null) return null;
  return (lengths.reduce((sum, length) => sum + length, 0) / lengths.length) * usdPerToken;
}

/** Outside these bounds, the provider's count means something else, such as the sum of two calls. */
const [minCorrection, maxCorrection] = [0.5, 2];

/**
 * Real tokens per estimated one, from the model's count of the last request on this branch, else in other chats; 1
 * without any. The error of an estimate depends on the language, which rarely changes within a chat.
 */
function correctionOf(
  last: CountedUsage | undefined,
  recent: readonly Pick<CountedRequest, 'estimatedTokens' | 'promptTokens'>[],
): number {
  const ownChat = last?.estimatedTokens
    ? [{ estimatedTokens: last.estimatedTokens, promptTokens: last.usage.promptTokens }]
    : [];
  const shares = (ownChat.length > 0 ? ownChat : recent)
    .map(({ estimatedTokens, promptTokens }) => promptTokens / estimatedTokens)
    .filter((share) => share >= minCorrection && share <= maxCorrection)
    .toSorted((a, b) => a - b);
  return shares[Math.floor(shares.length / 2)] ?? 1;
}

/** Price of writing a token to a cache, as a share of the normal price; no list names it for all models. */
const cacheWriteShare = 1.25;
/** How long a provider's cache surely lasts: five to ten minutes, so a later prediction would be a guess. */
const cacheKeptMs = 5 * 60_000;

/** No provider caches a shorter request. */
const minCachedTokens = 1024;
/** Automatic caches work in steps of this many tokens. */
const stepTokens = 128;

const isAskedToCache = (counted: readonly CountedUsage[], { recent }: PricedTurn): boolean =>
  counted.some(({ usage }) => (usage.cacheWriteTokens ?? 0) > 0) ||
  recent.some(({ cacheWriteTokens }) => cacheWriteTokens > 0);

/** How much of the next request a cache probably contains: it begins like the last one. */
function cachedTokensOf(counted: readonly CountedUsage[], turn: PricedTurn): number {
  const [before, last] = [counted.at(-2), counted.at(-1)];
  if (!last || turn.nowMs - (last.endedAtMs ?? 0) > cacheKeptMs) return 0;
  const { cachedTokens, cacheWriteTokens = 0, promptTokens } = last.usage;
  const readTokens = cachedTokens ?? 0;
  if (cacheWriteTokens > 0) return readTokens + cacheWriteTokens;
  const isAsked = isAskedToCache(counted, turn);
  const whole = isAsked ? promptTokens : Math.floor(promptTokens / stepTokens) * stepTokens;
  if (readTokens === 0) {
    const isCaching = isAsked || turn.recent.some((each) => each.cachedTokens > 0);
    return isCaching && promptTokens >= minCachedTokens ? whole : 0;
  }
  // The share of the last request that was read from the cache: all of it, or the same instructions again.
  const share = before ? Math.min(1, readTokens / before.usage.promptTokens) : 0;
  return share > 0.5 ? whole : Math.max(readTokens, share * promptTokens);
}
