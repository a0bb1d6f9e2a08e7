/** `npm run bench:relay`: compares Rill with other ways to relay a provider's stream to a client. */
import { hasPostgres } from '../../../backend/test/postgres/postgresServer.ts';
import type { BenchResult, Table } from '../support/report.ts';
import { note } from '../support/report.ts';
import { alternating, median, percentile } from '../support/statistics.ts';
import { measureCancel, measureFirst, measureStalled, measureSteady, type Steady } from './measure.ts';
import { type Elsewhere, measureElsewhere, measureTrips, type SendTrips } from './measureNodes.ts';
import { type Contender, contenders, hasRedis } from './relayContenders.ts';
import {
  type ByName,
  middle,
  nodesTable,
  perSecond,
  plotsOf,
  type Raw,
  summaryOf,
  tripDelaysMs,
} from './relayResult.ts';

export interface RelayOptions {
  readonly name: 'relay' | 'nodes';
  /** Names of the contenders; empty selects all that can run. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly streams: readonly number[];
  readonly windowMs: number;
  /** Steps of the search for the highest rate, in streams of 20 chunks a second; empty skips the search. */
  readonly ladder: readonly number[];
  readonly requests: number;
  readonly cancels: number;
  readonly stalledMs: number;
  /** Streams that are read at two nodes; 0 skips all measurements that need Postgres. */
  readonly elsewhere: number;
  readonly nodeOptions: readonly string[];
}

export async function relayBench(options: RelayOptions): Promise<BenchResult> {
  const chosen = contenders.filter(
    ({ name }) =>
      (options.only.length === 0 || options.only.includes(name)) && (name !== 'resumable' || hasRedis()),
  );
  if (!hasRedis()) note('redis-server is not installed: AI SDK + resumable-stream is left out.');
  const steady = await steadyCells(chosen, options);
  const first = await cells(chosen, options.requests > 0 ? options.rounds : 0, (each) =>
    measureFirst(each, options.requests),
  );
  const ceilings = await ceilingCells(chosen, options);
  const cancels = await cells(chosen, options.cancels > 0 ? 1 : 0, (each) =>
    measureCancel(each, 100, options.cancels),
  );
  const stalled = await cells(chosen, options.stalledMs > 0 ? 1 : 0, (each) =>
    measureStalled(each, options.stalledMs),
  );
  const nodes = await nodeCells(options);
  const raw = { steady, first, ceilings, cancels, stalled, ...nodes };
  return {
    name: options.name,
    raw,
    tables: tablesOf(chosen, options, raw),
    plots: plotsOf(chosen, options.streams, raw),
    summary: options.name === 'relay' ? summaryOf(raw) : [],
  };
}

async function cells<Value>(
  chosen: readonly Contender[],
  rounds: number,
  measure: (contender: Contender) => Promise<Value>,
): Promise<ByName<Value>> {
  const results: ByName<Value> = {};
  for (const contender of alternating(chosen, rounds)) {
    note(`${measure.name || 'cell'}: ${contender.name}`);
    results[contender.name] = [...(results[contender.name] ?? []), await measure(contender)];
  }
  return results;
}

async function steadyCells(
  chosen: readonly Contender[],
  options: RelayOptions,
): Promise<Record<string, Steady[]>> {
  const results: Record<string, Steady[]> = {};
  for (const contender of alternating(chosen, options.rounds)) {
    for (const streams of options.streams) {
      const { windowMs, nodeOptions } = options;
      const cell = await measureSteady(contender, {
        streams,
        perSecond,
        windowMs,
        ...(nodeOptions.length > 0 && { nodeOptions }),
      });
      note(
        `${contender.name} at ${streams} streams: ${cell.cpuUsPerChunk.toFixed(1)} µs, p99 ${cell.p99Ms.toFixed(1)} ms, delivered ${cell.delivered.toFixed(3)}`,
      );
      const key = `${contender.name} ${streams}`;
      results[key] = [...(results[key] ?? []), cell];
    }
  }
  return results;
}

async function nodeCells({
  elsewhere,
  rounds,
  requests,
  windowMs,
}: RelayOptions): Promise<Pick<Raw, 'trips' | 'elsewhere'>> {
  const found: { trips: SendTrips[]; elsewhere: Elsewhere[] } = { trips: [], elsewhere: [] };
  if (elsewhere === 0 || !hasPostgres) return found;
  for (let round = 0; round < rounds; round += 1) {
    for (const delayMs of tripDelaysMs) found.trips.push(await measureTrips(Math.max(requests, 40), delayMs));
    found.elsewhere.push(await measureElsewhere(elsewhere, windowMs));
    note(
      `two nodes, round ${round + 1}: ${JSON.stringify([found.trips.slice(-tripDelaysMs.length), found.elsewhere.at(-1)])}`,
    );
  }
  return found;
}

/** Chunks a second of the last step that was fully delivered with p99 at most 50 ms. */
async function ceilingCells(
  chosen: readonly Contender[],
  options: RelayOptions,
): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  if (options.ladder.length === 0) return results;
  for (const contender of chosen) {
    let reached = 0;
    for (const streams of options.ladder) {
      const holds = await holdsAt(contender, streams, options.windowMs);
      note(`${contender.name} at ${streams * perSecond} chunks/s: ${holds ? 'holds' : 'does not hold'}`);
      if (!holds) break;
      reached = streams * perSecond;
    }
    results[contender.name] = reached;
  }
  return results;
}

/** A failed step is repeated once, because the machine may have been busy. */
async function holdsAt(contender: Contender, streams: number, windowMs: number): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { delivered, p99Ms } = await measureSteady(contender, { streams, perSecond, windowMs });
    if (delivered >= 0.98 && p99Ms <= 50) return true;
  }
  return false;
}

function tablesOf(chosen: readonly Contender[], options: RelayOptions, raw: Raw): Table[] {
  const tables = options.streams.map((streams): Table => {
    const at = (name: string, pick: (cell: Steady) => number) =>
      middle(raw.steady[`${name} ${streams}`], pick);
    const floorUs = at('pipe', ({ cpuUsPerChunk }) => cpuUsPerChunk);
    return {
      title: `${streams} streams × ${perSecond} chunks a second, median of ${options.rounds}`,
      head: [
        'server',
        'delivered',
        'p50 ms',
        'p95 ms',
        'p99 ms',
        'CPU µs/chunk',
        '× floor',
        'Postgres µs/chunk',
        'core',
        'KB/stream',
        'RSS MB',
      ],
      rows: chosen.map(({ name, label }) => [
        label,
        at(name, ({ delivered }) => delivered),
        at(name, ({ p50Ms }) => p50Ms),
        at(name, ({ p95Ms }) => p95Ms),
        at(name, ({ p99Ms }) => p99Ms),
        at(name, ({ cpuUsPerChunk }) => cpuUsPerChunk),
        at(name, ({ cpuUsPerChunk }) => cpuUsPerChunk) / floorUs,
        at(name, ({ databaseUsPerChunk }) => databaseUsPerChunk),
        at(name, ({ cpuShare }) => cpuShare),
        at(name, ({ rssKbPerStream }) => rssKbPerStream),
        at(name, ({ rssMb }) => rssMb),
      ]),
    };
  });
  if (raw.trips.length > 0) tables.push(nodesTable(raw));
  const hasRequests =
    Object.keys({ ...raw.first, ...raw.cancels, ...raw.stalled, ...raw.ceilings }).length > 0;
  return hasRequests ? [...tables, requestTable(chosen, raw)] : tables;
}

function requestTable(chosen: readonly Contender[], { first, ceilings, cancels, stalled }: Raw): Table {
  const floorMs = middle(first.pipe, ({ p50Ms }) => p50Ms);
  return {
    title:
      'One request: first chunk, Stop to closed provider socket, highest rate, and a reader that does not read',
    head: [
      'server',
      'first p50 ms',
      'over floor',
      'of it commit',
      'beyond',
      'p95',
      'CPU µs/request',
      'Postgres µs/request',
      'stop p50 ms',
      'p95',
      'max chunks/s',
      'stalled: MB',
      'of MB sent',
    ],
    rows: chosen.map(({ name, label }) => {
      const stops = (cancels[name] ?? []).flat();
      const addedMs = middle(first[name], ({ p50Ms }) => p50Ms) - floorMs;
      const commitMs = middle(first[name], ({ commitP50Ms }) => commitP50Ms);
      return [
        label,
        middle(first[name], ({ p50Ms }) => p50Ms),
        addedMs,
        commitMs,
        addedMs - commitMs,
        middle(first[name], ({ p95Ms }) => p95Ms),
        middle(first[name], ({ cpuUsPerRequest }) => cpuUsPerRequest),
        middle(first[name], ({ databaseUsPerRequest }) => databaseUsPerRequest),
        stops.includes(Number.POSITIVE_INFINITY) ? 'never' : median(stops),
        stops.includes(Number.POSITIVE_INFINITY) ? 'never' : percentile(stops, 0.95),
        ceilings[name] ?? Number.NaN,
        middle(stalled[name], ({ growthMb }) => growthMb),
        middle(stalled[name], ({ sentMb }) => sentMb),
      ];
    }),
  };
}
