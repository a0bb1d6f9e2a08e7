/** Formats the figures of the relay bench as plots and as rows of the summary. */
import type { Plot, SummaryRow, Table } from '../support/report.ts';
import { median, percentile } from '../support/statistics.ts';
import type { FirstChunk, Stalled, Steady } from './measure.ts';
import type { Elsewhere, SendTrips } from './measureNodes.ts';
import type { Contender } from './relayContenders.ts';

/** Chunks of each stream. */
export const perSecond = 20;

/** By name of the contender, one value per round. */
export type ByName<Value> = Record<string, Value[]>;

export interface Raw {
  /** Figures by contender and number of streams. */
  readonly steady: Record<string, Steady[]>;
  readonly first: ByName<FirstChunk>;
  readonly ceilings: Record<string, number>;
  readonly cancels: ByName<number[]>;
  readonly stalled: ByName<Stalled>;
  /** One value per round; empty without Postgres. */
  readonly trips: readonly SendTrips[];
  readonly elsewhere: readonly Elsewhere[];
}

export const middle = <Cell>(list: readonly Cell[] | undefined, pick: (cell: Cell) => number): number =>
  median((list ?? []).map(pick));

/** Delays added to a round trip, in milliseconds. */
export const tripDelaysMs: readonly number[] = [0, 5];

export const nodesTable = ({ trips, elsewhere }: Raw): Table => ({
  title: `Two nodes on one Postgres, ${elsewhere[0]?.streams ?? 0} streams × ${perSecond} chunks a second, each read at both`,
  head: ['what', 'round trips', 'p50 ms', 'p99 ms', 'CPU µs'],
  rows: [
    ...tripDelaysMs.flatMap((delayMs) =>
      (['send', 'end'] as const).map((name) => {
        const some = trips.filter((each) => each.delayMs === delayMs);
        return [
          `transaction of ${name === 'send' ? 'a send' : 'an end'}${delayMs > 0 ? `, ${delayMs} ms more a trip` : ''}`,
          delayMs > 0 ? middle(some, (each) => each[name].count) : '',
          middle(some, (each) => each[name].p50Ms),
          middle(some, (each) => each[name].p99Ms),
          '',
        ];
      }),
    ),
    ...(['own', 'other'] as const).map((name) => [
      `a chunk at ${name === 'own' ? 'the writing node' : 'another node'}`,
      '',
      middle(elsewhere, (each) => each[name].p50Ms),
      middle(elsewhere, (each) => each[name].p99Ms),
      middle(elsewhere, (each) => (name === 'own' ? each.ownCpuUs : each.otherCpuUs)),
    ]),
    ['a chunk in Postgres', '', '', '', middle(elsewhere, ({ databaseCpuUs }) => databaseCpuUs)],
    ['bytes of write-ahead log a chunk', middle(elsewhere, ({ walBytes }) => walBytes), '', '', ''],
  ],
});

export function plotsOf(chosen: readonly Contender[], streamCounts: readonly number[], raw: Raw): Plot[] {
  const streams = streamCounts.includes(500) ? 500 : (streamCounts[0] ?? 0);
  const load = `${streams} streams × ${perSecond} chunks a second`;
  const bars = (pick: (cell: Steady) => number) =>
    chosen.map(({ name, label }) => ({ label, value: middle(raw.steady[`${name} ${streams}`], pick) }));
  const steady: Plot[] = [
    { title: `CPU per chunk, ${load}`, unit: 'µs', bars: bars(({ cpuUsPerChunk }) => cpuUsPerChunk) },
    {
      title: `Latency of a chunk, ${load}`,
      unit: 'ms',
      bars: chosen.flatMap(({ name, label }) => {
        const cells = raw.steady[`${name} ${streams}`];
        return [
          { label, series: 'p50', value: middle(cells, ({ p50Ms }) => p50Ms) },
          { label, series: 'p99', value: middle(cells, ({ p99Ms }) => p99Ms) },
        ];
      }),
    },
    {
      title: `Memory per stream, ${load}`,
      unit: 'KB',
      bars: bars(({ rssKbPerStream }) => rssKbPerStream),
    },
  ];
  const ceilings: Plot = {
    title: 'Highest rate on one core with p99 ≤ 50 ms',
    unit: 'chunks a second',
    bars: chosen.map(({ name, label }) => ({ label, value: raw.ceilings[name] ?? Number.NaN })),
  };
  return [...(streams > 0 ? steady : []), ...(Object.keys(raw.ceilings).length > 0 ? [ceilings] : [])];
}

export function summaryOf({ steady, first, ceilings, cancels }: Raw): SummaryRow[] {
  const at = (name: string, streams: number, pick: (cell: Steady) => number) =>
    middle(steady[`${name} ${streams}`], pick);
  const row = (
    metric: string,
    unit: string,
    value: (name: string) => number,
    target: SummaryRow['target'],
  ): SummaryRow => ({
    metric: `relay: ${metric}`,
    unit,
    value: value('rill'),
    beside: { label: 'byte pipe', value: value('pipe') },
    ...(target && { target }),
  });
  const firstMs = (name: string) => middle(first[name], ({ p50Ms }) => p50Ms);
  const commitMs = (name: string) => middle(first[name], ({ commitP50Ms }) => commitP50Ms);
  return [
    row('CPU a chunk, 500 streams', 'µs', (name) => at(name, 500, ({ cpuUsPerChunk }) => cpuUsPerChunk), {
      of: 'ratio',
      atMost: 1.6,
    }),
    row('highest rate', 'chunks/s', (name) => ceilings[name] ?? Number.NaN, { of: 'ratio', atLeast: 0.5 }),
    { metric: "relay: a send's commit to disk", unit: 'ms', value: commitMs('rill') },
    {
      metric: "relay: added to the first text beyond the send's commit",
      unit: 'ms',
      value: firstMs('rill') - firstMs('pipe') - commitMs('rill'),
      target: { of: 'value', atMost: 1 },
    },
    row('latency of a chunk, 100 streams, p50', 'ms', (name) => at(name, 100, ({ p50Ms }) => p50Ms), {
      of: 'value',
      atMost: 0.6,
    }),
    row('latency of a chunk, 100 streams, p99', 'ms', (name) => at(name, 100, ({ p99Ms }) => p99Ms), {
      of: 'value',
      atMost: 3,
    }),
    row(
      'memory a stream, 500 streams',
      'KB',
      (name) => at(name, 500, ({ rssKbPerStream }) => rssKbPerStream),
      { of: 'value', atMost: 60 },
    ),
    row(
      'Stop to closed provider socket, p95',
      'ms',
      (name) => percentile((cancels[name] ?? []).flat(), 0.95),
      {
        of: 'value',
        atMost: 5,
      },
    ),
  ];
}
