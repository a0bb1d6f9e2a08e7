/** Holds the words of the usage page and of budgets. */
import type { UsageSums } from '@rill/protocol';
import { formatCost, formatEstimatedCost, formatTokenCount, plural } from '../strings/format.ts';
import { messageStrings } from '../strings/messageStrings.ts';

/** 1 December. Months of budgets are those of UTC. */
const dayInWords = (atMs: number) =>
  `${new Date(atMs).getUTCDate()} ${messageStrings.days.months[new Date(atMs).getUTCMonth()]}`;

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
const share = (count: number, of: number) =>
  of === 0 || count === 0 ? '' : `${Math.max(1, Math.round((100 * count) / of))}%`;
const costOf = ({ costUsd, estimatedUsd }: Pick<UsageSums, 'costUsd' | 'estimatedUsd'>) =>
  (estimatedUsd > 0 ? formatEstimatedCost : formatCost)(costUsd);

export const moneyStrings = {
  title: 'Usage',
  close: 'Close usage',
  period: 'Period',
  periods: { week: '7 days', month: '30 days', quarter: '90 days', year: '12 months' },
  loading: 'Reading…',
  failed: 'Usage could not be read.',
  again: 'Try again',
  empty: 'Nothing was asked in these days.',
  costOf,
  figures: {
    cost: 'Cost',
    estimated: (usd: number) => `of it ${formatCost(usd)} estimated`,
    final: 'as the provider counted it',
    unknown: (count: number) => `${plural(count, 'answer', 'answers')} without a known price not counted`,
    answers: 'Answers',
    ends: ({ stoppedCount, failedCount }: UsageSums) => `${stoppedCount} stopped, ${failedCount} failed`,
    tokens: 'Tokens',
    tokensOf: (sums: UsageSums) => formatTokenCount(sums.promptTokens + sums.completionTokens),
    parts: ({ promptTokens, cachedTokens, completionTokens }: UsageSums) =>
      `${formatTokenCount(promptTokens)} sent${cachedTokens > 0 ? ` (${formatTokenCount(cachedTokens)} cached)` : ''}, ${formatTokenCount(completionTokens)} written`,
    wait: 'Wait for the first text',
    waitParts: (p95: number) => `median; 95% within ${seconds(p95)}`,
    none: 'none yet',
  },
  seconds,
  share,
  byDay: 'By day',
  byModel: 'By model',
  byProject: 'By project',
  chart: { final: 'Final', estimated: 'Estimated', others: 'Others' },
  split: 'Days by',
  splits: { none: 'Cost', model: 'Model', project: 'Project' },
  byDayAnd: { model: 'By day and model', project: 'By day and project' },
  csv: 'CSV',
  csvLabel: (what: string) => `${what} as a CSV file`,
  deletedProject: 'Deleted project',
  columns: {
    day: 'Day',
    model: 'Model',
    project: 'Project',
    cost: 'Cost',
    answers: 'Answers',
    tokens: 'Tokens',
    wait: 'First text',
    speed: 'Tokens/s',
    stopped: 'Stopped',
    failed: 'Failed',
  },
  middleAndMost: (p50: string, p95: string) => `${p50} / ${p95}`,
  percentilesNote: 'First text and speed: the median, then what 95% of the answers stay within.',
  budget: {
    title: 'Monthly budget',
    label: { project: 'US dollars a month for this project', all: 'US dollars a month for all projects' },
    none: 'No limit',
    save: 'Save budget',
    saved: 'The budget is saved.',
    removed: 'There is no limit any more.',
    used: (spentUsd: number, monthlyUsd: number, endsAtMs: number) =>
      `${formatCost(spentUsd)} of ${formatCost(monthlyUsd)} used until ${dayInWords(endsAtMs)} (UTC).`,
    usedWithout: (spentUsd: number) => `${formatCost(spentUsd)} used this month.`,
    reserved: (usd: number) => ` ${formatCost(usd)} is reserved for answers that are being written.`,
    hint: 'A message that it does not allow is not sent, and an answer that passes it ends with what is there.',
    invalid: 'Enter an amount above 0, or nothing for no limit.',
  },
} as const;
