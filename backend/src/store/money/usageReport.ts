/**
 * Sums up the usage of answers in a period, by day, project or model. Reads the entries page by page and keeps only
 * sums.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type Project,
  RillError,
  type UsageGroup,
  type UsageGrouping,
  type UsagePart,
  type UsageReport,
  type UsageSplit,
  type UsageSums,
} from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import type { UsageEntryRow } from '../../database/schema.ts';
import { listProjects } from '../projects.ts';
import { type Page, readAllPages } from '../readAllPages.ts';
import { FigureSpread } from './figureSpread.ts';
import { listUsageEntries, toUsd } from './usageEntries.ts';

export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
  readonly by: UsageGrouping;
  /** What each day is split by; null for nothing. */
  readonly split: UsageSplit | null;
  readonly timeZone: string;
}

const dayMs = 86_400_000;
const maxDays = 400;
/** No time zone on Earth is further from UTC, in milliseconds. */
const maxOffsetMs = 15 * 3_600_000;
/** Offsets of time zones change by whole quarters of an hour. */
const quarterMs = 900_000;
const rowsPerPage = 1000;

/**
 * Errors: bad_request for invalid days, a period that is too long, an unknown time zone, or `split` without `by=day`.
 */
export async function reportUsage(db: Queryable, ownerId: string, period: UsagePeriod): Promise<UsageReport> {
  const { from, to, by, split, timeZone } = period;
  if (split && by !== 'day')
    throw new RillError('bad_request', { message: 'Only days can be divided: split needs by=day.' });
  const [fromMs, toMs] = [parseDay(from), parseDay(to)];
  if (toMs < fromMs || toMs - fromMs >= maxDays * dayMs)
    throw new RillError('bad_request', { message: `The period must have 1 to ${maxDays} days.` });
  const dayOf = calendarOf(timeZone);
  const total = new Sums();
  const groups = new Map<string, GroupSums>();
  const bounds = { ownerId, fromMs: fromMs - maxOffsetMs, untilMs: toMs + dayMs + maxOffsetMs };
  for await (const row of readEntries(db, bounds)) {
    const day = dayOf(Number(row.started_at_ms));
    if (day < from || day > to) continue;
    const key = { day, model: row.model, project: row.project_id }[by];
    const group = groups.get(key) ?? { sums: new Sums(), parts: new Map() };
    groups.set(key, group);
    group.sums.add(row);
    if (split) addPart(group.parts, split === 'model' ? row.model : row.project_id, row);
    total.add(row);
  }
  const names =
    by === 'project' || split === 'project' ? await readNames(db, ownerId) : new Map<string, string>();
  const list = [...groups].map(
    ([key, { sums, parts }]): UsageGroup => ({
      key,
      name: names.get(key) ?? null,
      sums: sums.read(),
      ...(split && { parts: partsOf(parts, names) }),
    }),
  );
  const inOrder = (a: UsageGroup, b: UsageGroup) =>
    (by === 'day' ? 0 : b.sums.costUsd - a.sums.costUsd) || (a.key < b.key ? -1 : 1);
  return { from, to, timeZone, by, total: total.read(), groups: list.sort(inOrder) };
}

interface GroupSums {
  readonly sums: Sums;
  readonly parts: Map<string, Sums>;
}

function addPart(parts: Map<string, Sums>, key: string, row: UsageEntryRow): void {
  const sums = parts.get(key) ?? new Sums();
  parts.set(key, sums);
  sums.add(row);
}

function partsOf(parts: ReadonlyMap<string, Sums>, names: ReadonlyMap<string, string>): UsagePart[] {
  const list = [...parts].map(([key, sums]): UsagePart => {
    const { answerCount, costUsd, estimatedUsd } = sums.read();
    return { key, name: names.get(key) ?? null, answerCount, costUsd, estimatedUsd };
  });
  return list.sort((a, b) => b.costUsd - a.costUsd || (a.key < b.key ? -1 : 1));
}

async function* readEntries(
  db: Queryable,
  bounds: { readonly ownerId: string; readonly fromMs: number; readonly untilMs: number },
): AsyncGenerator<UsageEntryRow> {
  let after: { readonly startedAtMs: number; readonly id: string } | null = null;
  for (;;) {
    const rows: UsageEntryRow[] = await listUsageEntries(db, { ...bounds, after, limit: rowsPerPage });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerPage) return;
    after = { startedAtMs: Number(last.started_at_ms), id: last.id };
    // So that a long period does not delay answers in progress.
    await setImmediate();
  }
}

async function readNames(db: Queryable, ownerId: string): Promise<Map<string, string>> {
  const list = (page: Page<string>) => listProjects(db, ownerId, page);
  const projects = await readAllPages(list, ({ id }: Project) => id);
  return new Map(projects.map(({ id, name }) => [id, name]));
}

function parseDay(text: string): number {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== text)
    throw new RillError('bad_request', { message: `${text} is no day.` });
  return atMs;
}

/** Returns the function from a time to its day in a time zone. */
function calendarOf(timeZone: string): (atMs: number) => string {
  const parts = formatOf(timeZone);
  const known = new Map<number, string>();
  return (atMs) => {
    const quarter = Math.floor(atMs / quarterMs);
    const day = known.get(quarter) ?? parts.format(quarter * quarterMs);
    known.set(quarter, day);
    return day;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    // Canadian dates are formatted as 2026-03-14.
    return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  } catch (error) {
    throw new RillError('bad_request', { message: `There is no time zone ${timeZone}.`, cause: error });
  }
}

class Sums {
  readonly #counts = { answer: 0, stopped: 0, failed: 0, unknown: 0 };
  readonly #tokens = { prompt: 0, cached: 0, completion: 0 };
  readonly #nanos = { all: 0, estimated: 0 };
  readonly #firstDelta = new FigureSpread();
  readonly #speed = new FigureSpread();

  add(row: UsageEntryRow): void {
    if (row.kind === 'answer') this.#addAnswer(row);
    this.#tokens.prompt += row.prompt_tokens;
    this.#tokens.cached += row.cached_tokens;
    this.#tokens.completion += row.completion_tokens;
    if (row.cost_nanos === null) this.#counts.unknown += 1;
    const nanos = Number(row.cost_nanos ?? 0);
    this.#nanos.all += nanos;
    if (row.is_estimated === 1) this.#nanos.estimated += nanos;
  }

  #addAnswer({ outcome, first_delta_ms, total_ms, completion_tokens }: UsageEntryRow): void {
    this.#counts.answer += 1;
    if (outcome === 'cancelled') this.#counts.stopped += 1;
    if (outcome === 'failed' || outcome === 'interrupted') this.#counts.failed += 1;
    if (first_delta_ms === null) return;
    this.#firstDelta.add(first_delta_ms);
    const writingMs = (total_ms ?? 0) - first_delta_ms;
    if (writingMs > 0 && completion_tokens > 0) this.#speed.add((completion_tokens / writingMs) * 1000);
  }

  read(): UsageSums {
    return {
      answerCount: this.#counts.answer,
      stoppedCount: this.#counts.stopped,
      failedCount: this.#counts.failed,
      promptTokens: this.#tokens.prompt,
      cachedTokens: this.#tokens.cached,
      completionTokens: this.#tokens.completion,
      costUsd: toUsd(this.#nanos.all),
      estimatedUsd: toUsd(this.#nanos.estimated),
      unknownCount: this.#counts.unknown,
      firstDeltaMs: this.#firstDelta.percentiles(),
      tokensPerSecond: this.#speed.percentiles(),
    };
  }
}
