/** Describes a running answer in the status line under it. */
import type { RunView } from '@rill/protocol';
import { formatEstimatedCost } from '../../strings/format.ts';
import { messageStrings } from '../../strings/messageStrings.ts';

/**
 * `queued`: written at the server, and not read here while this browser reads as many others as it may. `stepping`: the
 * line holds streams back, and what is new is asked for again and again.
 */
export type Connection = 'connecting' | 'open' | 'reconnecting' | 'queued' | 'stepping';

export interface LiveFacts {
  readonly view: Pick<RunView, 'content' | 'reasoning' | 'notice'>;
  readonly connection: Connection;
  readonly isCancelling: boolean;
  /** Since the send, in milliseconds. */
  readonly elapsedMs: number;
  readonly estimatedTokens: number;
  /** Tokens that were seen arriving; after a reload the earlier text is not among them. */
  readonly seenTokens: number;
  /** Time since the first text was seen, in milliseconds; null before it. */
  readonly textMs: number | null;
  /** Time since the last text, in milliseconds; null before the first. */
  readonly silentMs?: number | null;
  /** Time since the connection was restored, in milliseconds; null when it was never lost. */
  readonly reconnectedMs?: number | null;
  /** True when the model may use the web: nothing arrives while it does. */
  readonly mayUseWeb?: boolean;
  /** Price of a token that the model writes; null when it is not known. */
  readonly usdPerToken?: number | null;
}

export interface LiveStatus {
  readonly tone: 'quiet' | 'warning';
  readonly words: string;
  /** Empty while there is nothing to count. */
  readonly figures: string;
  /** How fast it is written and what it costs so far, for who asks; empty while that is not known. */
  readonly details: string;
  /** True once waiting has become so long that the reader should be offered a way out. */
  readonly isCancelOffered: boolean;
}

/** A quick answer must not flash a waiting line. */
const waitingShownAfterMs = 400;
/** Time that a model may take without looking anything up. */
const searchNamedAfterMs = 2000;
const cancelOfferedAfterMs = 15_000;
const reconnectedShownMs = 3000;
/** A gap in the text that is worth a sign; from the second figure on it is counted in seconds. */
export const quietAfterMs = 1500;
export const silenceCountedAfterMs = 5000;
/** A rate over less than this is noise. */
const rateShownAfterMs = 1000;

export function liveStatus(facts: LiveFacts): LiveStatus {
  const said = words(facts);
  const counted = figures(facts);
  // Figures alone are shown where the words will be, so that the words move nothing when they appear.
  const line = said === '' ? { words: counted, figures: '' } : { words: said, figures: counted };
  const status: LiveStatus = { tone: 'quiet', ...line, details: details(facts), isCancelOffered: false };
  if (facts.isCancelling) return status;
  if (facts.connection === 'reconnecting') {
    const { reconnecting, connecting } = messageStrings.live;
    return {
      ...status,
      tone: 'warning',
      words: hasText(facts) ? reconnecting : connecting,
      figures: counted,
    };
  }
  if (facts.connection === 'queued')
    return { ...status, words: messageStrings.live.queued, figures: counted };
  const { notice } = facts.view;
  if (facts.connection === 'stepping')
    return { ...status, words: messageStrings.live.stepping, figures: counted };
  if (hasText(facts)) return status;
  return {
    ...status,
    tone: notice ? 'warning' : 'quiet',
    isCancelOffered: facts.elapsedMs >= cancelOfferedAfterMs,
  };
}

const hasText = ({ view }: LiveFacts): boolean => view.content !== '' || view.reasoning !== '';

function words(facts: LiveFacts): string {
  const { view, isCancelling, elapsedMs, silentMs = null, reconnectedMs = null } = facts;
  const { live } = messageStrings;
  if (isCancelling) return live.cancelling;
  if (reconnectedMs !== null && reconnectedMs < reconnectedShownMs) return live.reconnected;
  if (silentMs !== null && silentMs >= quietAfterMs)
    return silentMs < silenceCountedAfterMs ? live.quiet : waiting(facts, silentMs);
  if (view.content !== '') return live.writing;
  // The disclosure above says that the model thinks, and for how long.
  if (view.reasoning !== '') return '';
  if (view.notice) return view.notice.error.code === 'provider_rate_limited' ? live.busy : live.retrying;
  if (elapsedMs < waitingShownAfterMs) return '';
  return waiting(facts, elapsedMs);
}

/** Only while there is no text yet the reader is offered to stop. */
function waiting(facts: LiveFacts, sinceMs: number): string {
  const { live } = messageStrings;
  const isLong = sinceMs >= cancelOfferedAfterMs && !hasText(facts);
  if (facts.mayUseWeb && sinceMs >= searchNamedAfterMs)
    return isLong ? live.searchingLong(sinceMs) : live.searching(sinceMs);
  return isLong ? live.waitingLong(sinceMs) : live.waiting(sinceMs);
}

function figures({ estimatedTokens }: LiveFacts): string {
  return estimatedTokens === 0 ? '' : messageStrings.live.tokens(estimatedTokens);
}

function details({ estimatedTokens, seenTokens, textMs, usdPerToken = null }: LiveFacts): string {
  if (estimatedTokens === 0) return '';
  const isRateKnown = textMs !== null && textMs >= rateShownAfterMs;
  const rate = isRateKnown ? Math.round((seenTokens * 1000) / textMs) : 0;
  const parts: string[] = [];
  if (rate > 0) parts.push(messageStrings.live.tokensPerSecond(rate));
  if (usdPerToken !== null && usdPerToken > 0) parts.push(formatEstimatedCost(estimatedTokens * usdPerToken));
  return parts.join(' · ');
}
