/** `npm run bench:log`: measures the cost of an append to the event log, by group size and by number of streams. */
import { hasPostgres } from '../../../backend/test/postgres/postgresServer.ts';
import type { BenchArguments } from '../support/benchArguments.ts';
import { startBenchPostgres } from '../support/benchPostgres.ts';
import { startChild } from '../support/child.ts';
import { serverCore } from '../support/cores.ts';
import { type BenchResult, type Lines, note, type SummaryRow, type Table } from '../support/report.ts';
import { alternating, median } from '../support/statistics.ts';
import { logDrivers } from './drivers.ts';
import type { LogCell, LogQuestion } from './logWorker.ts';

const sizes = {
  quick: { rounds: 1, windowMs: 900, minCommits: 100, groups: [1, 32, 512], streams: [1, 100, 500] },
  full: { rounds: 3, windowMs: 2500, minCommits: 2200, groups: [1, 8, 32, 128, 512], streams: [1, 100, 500] },
};

type Cells = Map<string, LogCell[]>;
const keyOf = (driver: string, groupSize: number, streams: number) => `${driver} ${groupSize} ${streams}`;

export async function logBench({ isQuick, rounds }: BenchArguments): Promise<BenchResult> {
  if (!hasPostgres) note('PostgreSQL is not installed, so its log is left out.');
  const server = hasPostgres ? await startBenchPostgres() : null;
  try {
    return await measureDrivers(isQuick ? sizes.quick : sizes.full, rounds, server?.url('postgres') ?? '');
  } finally {
    await server?.close();
  }
}

async function measureDrivers(
  size: Size,
  rounds: number | undefined,
  postgresUrl: string,
): Promise<BenchResult> {
  const roundCount = rounds ?? size.rounds;
  const questions = size.streams.flatMap((streams) =>
    size.groups.flatMap((groupSize) =>
      logDrivers.map(({ name }): LogQuestion => ({ ...size, driver: name, groupSize, streams, postgresUrl })),
    ),
  );
  const cells: Cells = new Map();
  for (const question of alternating(questions, roundCount)) {
    const { driver, groupSize, streams } = question;
    const cell = await inFreshProcess(question);
    note(
      `${driver}, ${groupSize} a commit, ${streams} streams: ${cell.usPerEvent.toFixed(1)} µs/event, ${cell.commits} commits`,
    );
    const key = keyOf(driver, groupSize, streams);
    cells.set(key, [...(cells.get(key) ?? []), cell]);
  }
  const at = (driver: string, groupSize: number, streams: number, pick: (cell: LogCell) => number) =>
    median((cells.get(keyOf(driver, groupSize, streams)) ?? []).map(pick).filter(Number.isFinite));
  return {
    name: 'log',
    raw: Object.fromEntries(cells),
    tables: [costTable(size, roundCount, at), streamsTable(size, at), stallTable(size, cells)],
    plots: plotsOf(size, at),
    summary: [
      {
        metric: 'log: an event, 32 a commit, 100 streams',
        unit: 'µs',
        value: at('sqlite', 32, 100, ({ usPerEvent }) => usPerEvent),
        beside: { label: 'bare INSERTs', value: at('bare', 32, 100, ({ usPerEvent }) => usPerEvent) },
      },
      {
        metric: 'log: p99 of such a commit during a checkpoint',
        unit: 'µs',
        value: at('sqlite', 32, 100, ({ tidyingUp }) => tidyingUp.p99Us),
        beside: { label: 'else', value: at('sqlite', 32, 100, ({ quiet }) => quiet.p99Us) },
      },
      ...(postgresUrl === '' ? [] : [postgresRow(at)]),
    ],
  };
}

async function inFreshProcess(question: LogQuestion): Promise<LogCell> {
  const worker = await startChild({ entry: 'log/logWorker.ts', ...serverCore });
  try {
    return await worker.ask<LogCell>(question);
  } finally {
    await worker.stop();
  }
}

type At = (driver: string, groupSize: number, streams: number, pick: (cell: LogCell) => number) => number;
type Size = (typeof sizes)['full'];

/** Groups of about 500 events, with the check of the fence: at least 30,000 events a second. */
const postgresRow = (at: At): SummaryRow => ({
  metric: 'log: an event on Postgres, 512 a commit, 500 streams',
  unit: 'µs',
  value: at('postgres', 512, 500, ({ usPerEvent }) => usPerEvent),
  beside: { label: 'SQLite', value: at('sqlite', 512, 500, ({ usPerEvent }) => usPerEvent) },
  target: { of: 'value', atMost: 33.3 },
});

const costTable = (size: Size, rounds: number, at: At): Table => ({
  title: `Appending to the log, 100 streams, one event of 42 characters each, median of ${rounds}`,
  head: [
    'log',
    'events/commit',
    'µs/event',
    '× floor',
    'CPU µs/event',
    'commits/s',
    'events/s',
    'bytes/event',
    'KB/commit',
  ],
  rows: logDrivers.flatMap(({ name, label }) =>
    size.groups.map((group) => {
      const usPerEvent = at(name, group, 100, (cell) => cell.usPerEvent);
      const bytesPerEvent = at(name, group, 100, (cell) => cell.bytesPerEvent);
      const commitsPerSecond = at(name, group, 100, (cell) => cell.commitsPerSecond);
      return [
        label,
        group,
        usPerEvent,
        usPerEvent / at('bare', group, 100, (cell) => cell.usPerEvent),
        at(name, group, 100, (cell) => cell.cpuUsPerEvent),
        commitsPerSecond,
        commitsPerSecond * group,
        bytesPerEvent,
        (bytesPerEvent * group) / 1024,
      ];
    }),
  ),
});

const streamsTable = (size: Size, at: At): Table => ({
  title: 'µs per event by number of streams',
  head: ['log', 'events/commit', ...size.streams.map((streams) => `${streams} streams`)],
  rows: logDrivers.flatMap(({ name, label }) =>
    size.groups.map((group) => [
      label,
      group,
      ...size.streams.map((streams) => at(name, group, streams, (cell) => cell.usPerEvent)),
    ]),
  ),
});

/** Includes all numbers of streams and all rounds, so that there are enough checkpoints for a figure. */
function stallTable(size: Size, cells: Cells): Table {
  const all = (driver: string, group: number) =>
    size.streams.flatMap((streams) => cells.get(keyOf(driver, group, streams)) ?? []);
  return {
    title: 'Time of one commit, apart and while a checkpoint moves the write-ahead log back',
    head: [
      'log',
      'events/commit',
      'p50 µs',
      'p99 µs',
      'max µs',
      'in checkpoints',
      'p50 µs',
      'p99 µs',
      'max µs',
    ],
    rows: logDrivers.flatMap(({ name, label }) =>
      size.groups.map((group) => {
        const found = all(name, group);
        const times = (pick: (cell: LogCell) => number) => found.map(pick).filter(Number.isFinite);
        return [
          label,
          group,
          median(times(({ quiet }) => quiet.p50Us)),
          median(times(({ quiet }) => quiet.p99Us)),
          Math.max(...times(({ quiet }) => quiet.maxUs)),
          times(({ tidyingUp }) => tidyingUp.count).reduce((sum, count) => sum + count, 0),
          median(times(({ tidyingUp }) => tidyingUp.p50Us)),
          median(times(({ tidyingUp }) => tidyingUp.p99Us)),
          Math.max(...times(({ tidyingUp }) => tidyingUp.maxUs)),
        ];
      }),
    ),
  };
}

function plotsOf(size: Size, at: At): Lines[] {
  const lineOf = (label: string, y: (group: number) => number) => ({
    label,
    points: size.groups.map((group) => ({ x: group, y: y(group) })),
  });
  const x = { title: 'events in a commit', isLog: true };
  return [
    {
      title: 'Time to append one event',
      unit: 'µs per event',
      x,
      isLog: true,
      lines: [
        ...size.streams.map((streams) =>
          lineOf(`Rill, ${streams} streams`, (group) =>
            at('sqlite', group, streams, (cell) => cell.usPerEvent),
          ),
        ),
        lineOf('bare INSERTs, 100 streams', (group) => at('bare', group, 100, (cell) => cell.usPerEvent)),
      ],
    },
    {
      title: 'Time of one commit of Rill, 100 streams',
      unit: 'µs per commit',
      x,
      isLog: true,
      lines: [
        lineOf('p50', (group) => at('sqlite', group, 100, ({ quiet }) => quiet.p50Us)),
        lineOf('p99', (group) => at('sqlite', group, 100, ({ quiet }) => quiet.p99Us)),
        lineOf('p99 in a checkpoint', (group) =>
          at('sqlite', group, 100, ({ tidyingUp }) => tidyingUp.p99Us),
        ),
      ],
    },
  ];
}
