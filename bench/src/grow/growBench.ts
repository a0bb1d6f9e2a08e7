/** `npm run bench:grow`: measures sends and page loads while the database grows, and reports the query plans. */
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchArguments } from '../support/benchArguments.ts';
import { type Child, startChild } from '../support/child.ts';
import { leaveServerCore, restCore, serverCore } from '../support/cores.ts';
import { residentBytes } from '../support/processFigures.ts';
import { type BenchResult, note, type Plot, type Table } from '../support/report.ts';
import { startRill } from '../support/rillServer.ts';
import { alternating, median, percentile } from '../support/statistics.ts';
import { fillDatabase, makeDatabase, messagesPerChat } from './fillDatabase.ts';
import { pageRequests } from './pageRequests.ts';
import { explainQueries, type QueryPlan, shortQuery } from './queryPlans.ts';

/**
 * `backgroundMs` covers the server's background work: leases are renewed every 3 s, old events are deleted every 60 s.
 */
const sizes = {
  quick: { rounds: 2, chatCounts: [200, 2000], requests: 25, backgroundMs: 3500 },
  full: { rounds: 4, chatCounts: [1000, 10_000, 100_000], requests: 75, backgroundMs: 65_000 },
};

/** A slow request is made fewer times. */
const roundLimitMs = 5000;

interface SizeResult {
  readonly chats: number;
  readonly fileMb: number;
  readonly fillMs: number;
  readonly startMs: number;
  readonly rssMb: number;
  readonly timesMs: Record<string, number[]>;
}

export async function growBench({ isQuick, rounds }: BenchArguments): Promise<BenchResult> {
  const size = isQuick ? sizes.quick : sizes.full;
  leaveServerCore();
  const folder = await mkdtemp(join(tmpdir(), 'rill-bench-grow-'));
  const upstream = await startChild({ entry: 'support/upstream.ts', ...restCore });
  try {
    await upstream.ask({ pace: { perSecond: 1000, count: 1 } });
    await makeDatabase(folder);
    const results: SizeResult[] = [];
    for (const [index, chats] of size.chatCounts.entries()) {
      const startMs = performance.now();
      fillDatabase(folder, size.chatCounts[index - 1] ?? 0, chats);
      const fillMs = performance.now() - startMs;
      note(`filled to ${chats} chats in ${(fillMs / 1000).toFixed(1)} s`);
      const measured = await measureSize(folder, upstream.ready, chats, rounds ?? size.rounds, size.requests);
      results.push({ ...measured, fillMs });
    }
    const plans = await recordPlans(folder, upstream.ready, size.chatCounts.at(-1) ?? 0, size.backgroundMs);
    return resultOf(results, plans);
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureSize(
  folder: string,
  upstreamUrl: string,
  chats: number,
  rounds: number,
  requests: number,
): Promise<Omit<SizeResult, 'fillMs'>> {
  const startMs = performance.now();
  const server = await startRill({ folder, upstreamUrl, ...serverCore });
  const startedMs = performance.now() - startMs;
  try {
    const timesMs: Record<string, number[]> = Object.fromEntries(pageRequests.map(({ name }) => [name, []]));
    // Makes each request once before measuring, so that code is compiled and connections are open.
    for (const { measure } of pageRequests) await measure(server.ready, chats, 0);
    let turn = 0;
    for (const { name, measure } of alternating(pageRequests, rounds)) {
      const endMs = performance.now() + roundLimitMs;
      for (let request = 0; request < requests && performance.now() < endMs; request += 1) {
        turn += name.startsWith('deletion') ? 1 : 0;
        timesMs[name]?.push(await measure(server.ready, chats, turn));
      }
    }
    const rssMb = residentBytes(server.pid) / 1e6;
    for (const [name, times] of Object.entries(timesMs))
      note(`${chats} chats, ${name}: ${median(times).toFixed(2)} ms`);
    return {
      chats,
      fileMb: statSync(join(folder, 'rill.sqlite')).size / 1e6,
      startMs: startedMs,
      rssMb,
      timesMs,
    };
  } finally {
    await server.stop();
  }
}

async function recordPlans(
  folder: string,
  upstreamUrl: string,
  chats: number,
  backgroundMs: number,
): Promise<QueryPlan[]> {
  const preload = fileURLToPath(new URL('./recordSql.ts', import.meta.url));
  const server = await startRill({ folder, upstreamUrl, nodeOptions: ['--import', preload] });
  const queries = new Map<string, Record<string, number>>();
  try {
    await takeQueries(queries, 'start', server);
    for (const { name, measure } of pageRequests) {
      // A chat for a turn that no measured round reaches.
      await measure(server.ready, chats, chats / 2 - 1);
      await takeQueries(queries, name, server);
    }
    await new Promise((resolve) => setTimeout(resolve, backgroundMs));
    await takeQueries(queries, 'background', server);
  } finally {
    await server.stop();
  }
  return explainQueries(folder, queries);
}

async function takeQueries(
  queries: Map<string, Record<string, number>>,
  name: string,
  server: Child,
): Promise<void> {
  queries.set(name, await server.ask<Record<string, number>>({}));
}

function resultOf(results: readonly SizeResult[], plans: readonly QueryPlan[]): BenchResult {
  const [first, last] = [results[0], results.at(-1)];
  const p50 = (result: SizeResult | undefined, name: string) => median(result?.timesMs[name] ?? []);
  const names = pageRequests.map(({ name }) => name);
  const scanCount = plans.filter(({ scans }) => scans.length > 0).length;
  return {
    name: 'grow',
    raw: { results, plans },
    tables: [timesTable(results, names), sizesTable(results), plansTable(plans)],
    plots: plotsOf(results, names),
    summary: [
      ...names.map((name) => ({
        metric: `grow: ${name}, ${last?.chats} chats`,
        unit: 'ms',
        value: p50(last, name),
        beside: { label: `${first?.chats} chats`, value: p50(first, name) },
      })),
      {
        metric: 'grow: queries that scan a growing table',
        unit: '',
        value: scanCount,
        target: { of: 'value' as const, atMost: 0 },
      },
    ],
  };
}

const timesTable = (results: readonly SizeResult[], names: readonly string[]): Table => ({
  title: `One request after another, ${messagesPerChat} messages a chat: p50 and p95 in ms, by number of chats`,
  head: [
    'request',
    ...results.flatMap(({ chats }) => [`${chats.toLocaleString('en-US')} p50`, 'p95']),
    'growth of p50',
  ],
  rows: names.map((name) => {
    const medians = results.map(({ timesMs }) => median(timesMs[name] ?? []));
    return [
      name,
      ...results.flatMap(({ timesMs }) => [
        median(timesMs[name] ?? []),
        percentile(timesMs[name] ?? [], 0.95),
      ]),
      (medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN),
    ];
  }),
});

const sizesTable = (results: readonly SizeResult[]): Table => ({
  title: 'The database, and a server on it',
  head: ['chats', 'messages', 'file MB', 'filled in s', 'start ms', 'RSS MB'],
  rows: results.map(({ chats, fileMb, fillMs, startMs, rssMb }) => [
    chats,
    chats * messagesPerChat,
    fileMb,
    fillMs / 1000,
    startMs,
    rssMb,
  ]),
});

function plansTable(plans: readonly QueryPlan[]): Table {
  const byQuery = Map.groupBy(plans, ({ query }) => query);
  return {
    title: 'Every query that was executed, and its plan',
    head: ['scan', 'query', 'plan', 'executed by'],
    rows: [...byQuery].map(([query, seen]) => [
      (seen[0]?.scans.length ?? 0) > 0 ? 'SCAN' : '-',
      shortQuery(query).slice(0, 150),
      seen[0]?.plan.join(' | ') || '(nothing to find)',
      seen.map(({ where, count }) => `${where} ×${count}`).join('; '),
    ]),
  };
}

function plotsOf(results: readonly SizeResult[], names: readonly string[]): Plot[] {
  const linesAt = (share: number) =>
    names.map((name) => ({
      label: name,
      points: results.map(({ chats, timesMs }) => ({
        x: chats,
        y: percentile(timesMs[name] ?? [], share),
      })),
    }));
  const x = { title: `chats of ${messagesPerChat} messages in the database`, isLog: true };
  return [
    { title: 'Time of one request, p50', unit: 'ms', x, isLog: true, lines: linesAt(0.5) },
    { title: 'Time of one request, p95', unit: 'ms', x, isLog: true, lines: linesAt(0.95) },
  ];
}
