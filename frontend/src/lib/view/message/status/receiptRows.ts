/** Turns a finished answer into the rows of its receipt, in reading order. Unknown figures are omitted. */
import type { Message, TitleReceipt, Usage } from '@rill/protocol';
import { formatCost, formatCount, formatEstimatedCost } from '../../strings/format.ts';
import { messageStrings } from '../../strings/messageStrings.ts';

export interface ReceiptRow {
  readonly name: string;
  readonly value: string;
}

export interface Receipt {
  /** The facts that most readers want: duration and cost. Empty when neither is known. */
  readonly summary: string;
  readonly rows: readonly ReceiptRow[];
  /** Names the estimated figures; empty when there are none. */
  readonly note: string;
}

/**
 * `parts` are those of an answer that was continued, first part first, the last one included. `title` is what naming the
 * chat used, in the receipt of the answer after which it was named.
 */
export function receiptOf(
  answer: Message,
  parts: readonly Message[] = [answer],
  title: TitleReceipt | null = null,
): Receipt {
  const { receipt } = messageStrings;
  const { model, provider, usage } = answer;
  const cost = usage && usage.costUsd !== null ? costOf(usage.costUsd, usage.estimated) : null;
  const firstDeltaMs = parts[0]?.timings?.firstDeltaMs ?? null;
  const rate = usage ? tokensPerSecond(parts) : null;
  const mark = usage?.estimated ? receipt.about : '';
  const totals = parts.map(({ timings }) => timings?.totalMs ?? null);
  const total = totals.every((totalMs) => totalMs !== null)
    ? receipt.duration(totals.reduce((sum, totalMs) => sum + totalMs, 0))
    : null;
  const rows: readonly (readonly [string, string | null])[] = [
    [receipt.model, model],
    [receipt.provider, provider],
    ...(usage ? tokenRows(usage) : []),
    [receipt.cost, cost],
    ...(usage ? toolRows(usage, answer) : []),
    [receipt.firstToken, firstDeltaMs === null ? null : receipt.duration(firstDeltaMs)],
    [receipt.rate, rate === null ? null : `${mark}${receipt.tokensPerSecond(rate)}`],
    [receipt.total, total],
    [receipt.chatTitle, title && titleWords(title)],
  ];
  const known = rows.flatMap(([name, value]) => (value ? [{ name, value }] : []));
  const tokensOut = usage && cost === null ? receipt.tokens(mark, usage.completionTokens) : null;
  const estimateNote = usage?.costUsd == null ? receipt.estimated : receipt.estimatedCost;
  return {
    summary: [total, cost, total === null ? tokensOut : null].filter(Boolean).join(' · '),
    rows: known,
    note: usage?.estimated ? estimateNote : '',
  };
}

function costOf(costUsd: number, isEstimated: boolean): string {
  return (isEstimated ? formatEstimatedCost : formatCost)(costUsd);
}

/** The cost of a title, and who wrote it. */
function titleWords({ model, usage }: TitleReceipt): string {
  const cost = usage && usage.costUsd !== null ? costOf(usage.costUsd, usage.estimated) : null;
  return [cost, model].filter(Boolean).join(' · ');
}

function tokenRows(usage: Usage): readonly (readonly [string, string | null])[] {
  const { receipt } = messageStrings;
  const mark = usage.estimated ? receipt.about : '';
  const shown = (tokens: number | null) => (tokens ? `${mark}${formatCount(tokens)}` : null);
  return [
    [receipt.tokensIn, `${mark}${formatCount(usage.promptTokens)}`],
    [receipt.cached, shown(usage.cachedTokens)],
    [receipt.cacheWrites, shown(usage.cacheWriteTokens ?? null)],
    [receipt.tokensOut, `${mark}${formatCount(usage.completionTokens)}`],
    [receipt.reasoning, shown(usage.reasoningTokens)],
  ];
}

/** The fee of tools is part of the cost, and names the searches where the provider counted them. */
function toolRows(
  { searchCount, toolCostUsd, savedUsd }: Usage,
  { web }: Pick<Message, 'web'>,
): readonly (readonly [string, string | null])[] {
  const { receipt } = messageStrings;
  const fee = toolCostUsd === undefined ? null : formatCost(toolCostUsd);
  const searches = searchCount === undefined ? null : receipt.searches(searchCount);
  const search = [searches, searches && fee].filter(Boolean).join(', ');
  return [
    [receipt.search, search || (web === 'offered' ? receipt.noSearch : null)],
    [receipt.tools, searches ? null : fee],
    [receipt.saved, savedUsd === undefined ? null : formatCost(savedUsd)],
  ];
}

/** Over less than this a rate is noise. */
const minWritingMs = 200;

/** While text was coming, over the parts of which that is known; null when there is none or it is too short to say. */
function tokensPerSecond(parts: readonly Message[]): number | null {
  let tokens = 0;
  let writingMs = 0;
  for (const { usage, timings } of parts) {
    const firstDeltaMs = timings?.firstDeltaMs ?? null;
    const totalMs = timings?.totalMs ?? null;
    if (!usage || firstDeltaMs === null || totalMs === null) continue;
    tokens += usage.completionTokens;
    writingMs += totalMs - firstDeltaMs;
  }
  if (writingMs < minWritingMs) return null;
  const rate = Math.round((tokens * 1000) / writingMs);
  return rate > 0 ? rate : null;
}
