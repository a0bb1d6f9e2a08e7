/** What is known of a running answer to the one line of words and figures under it. */
import type { RunView } from '@rill/protocol';
import { formatEstimatedCost } from './format.ts';
import { messageText } from './messageText.ts';

/** `queued`: written at the server, and not read here while this browser reads as many others as it may. */
export type Connection = 'connecting' | 'open' | 'reconnecting' | 'queued';

export interface LiveFacts {
  readonly view: Pick<RunView, 'content' | 'reasoning' | 'notice'>;
  readonly connection: Connection;
  readonly isCancelling: boolean;
  /** Since the send, in milliseconds. */
  readonly elapsedMs: number;
  readonly estimatedTokens: number;
  /** Those of them that were seen arriving; after a reload the text before it is not among them. */
  readonly seenTokens: number;
  /** Since the first text was seen, in milliseconds; null before it. */
  readonly textMs: number | null;
  /** Since the connection came back, in milliseconds; null when it was never lost. */
  readonly reconnectedMs?: number | null;
  /** Price of a token that the model writes; null when it is not known. */
  readonly usdPerToken?: number | null;
}

export interface LiveStatus {
  readonly tone: 'quiet' | 'warning';
  readonly words: string;
  /** Empty while there is nothing to count. */
  readonly figures: string;
  /** True once waiting has become so long that the reader should be offered a way out. */
  readonly isCancelOffered: boolean;
}

/** A quick answer must not flash a waiting line. */
const waitingShownAfterMs = 400;
const cancelOfferedAfterMs = 15_000;
const reconnectedShownMs = 3000;
/** A rate over less than this is noise. */
const rateShownAfterMs = 1000;

export function liveStatus(facts: LiveFacts): LiveStatus {
  const status: LiveStatus = {
    tone: 'quiet',
    words: words(facts),
    figures: figures(facts),
    isCancelOffered: false,
  };
  if (facts.isCancelling) return status;
  if (facts.connection === 'reconnecting') {
    return { ...status, tone: 'warning', words: messageText.live.reconnecting };
  }
  if (facts.connection === 'queued') return { ...status, words: messageText.live.queued };
  const { content, reasoning, notice } = facts.view;
  if (content !== '' || reasoning !== '') return status;
  return {
    ...status,
    tone: notice ? 'warning' : 'quiet',
    isCancelOffered: facts.elapsedMs >= cancelOfferedAfterMs,
  };
}

function words({ view, isCancelling, elapsedMs, reconnectedMs = null }: LiveFacts): string {
  const { live } = messageText;
  if (isCancelling) return live.cancelling;
  if (reconnectedMs !== null && reconnectedMs < reconnectedShownMs) return live.reconnected;
  if (view.content !== '') return live.writing;
  if (view.reasoning !== '') return live.thinking;
  if (view.notice) return view.notice.error.code === 'provider_rate_limited' ? live.busy : live.retrying;
  if (elapsedMs < waitingShownAfterMs) return '';
  return elapsedMs < cancelOfferedAfterMs ? live.waiting(elapsedMs) : live.waitingLong(elapsedMs);
}

function figures({ estimatedTokens, seenTokens, textMs, usdPerToken = null }: LiveFacts): string {
  if (estimatedTokens === 0) return '';
  const { live } = messageText;
  const isRateKnown = textMs !== null && textMs >= rateShownAfterMs;
  const rate = isRateKnown ? Math.round((seenTokens * 1000) / textMs) : 0;
  const parts = [live.tokens(estimatedTokens)];
  if (rate > 0) parts.push(live.tokensPerSecond(rate));
  if (usdPerToken !== null && usdPerToken > 0) parts.push(formatEstimatedCost(estimatedTokens * usdPerToken));
  return parts.join(' · ');
}
