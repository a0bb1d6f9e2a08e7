/**
 * Measures the costs that Postgres adds: the round trips of a send and an end, and how late a reader at another node
 * is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWireProxy, type WireTransaction } from '../../../backend/test/postgres/wireProxy.ts';
import { type BenchPostgres, startBenchPostgres } from '../support/benchPostgres.ts';
import { type Child, startChild } from '../support/child.ts';
import { restCore, serverCore } from '../support/cores.ts';
import { cpuUs } from '../support/processFigures.ts';
import { startRill } from '../support/rillServer.ts';
import { median, percentile } from '../support/statistics.ts';
import { type Latency, wait } from './measure.ts';
import { relayOf } from './relayContenders.ts';

export interface Trips {
  /** Number of round trips to Postgres. */
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface SendTrips {
  /** Delay added to each round trip, in milliseconds. */
  readonly delayMs: number;
  readonly send: Trips;
  readonly end: Trips;
}

interface Stage {
  readonly folder: string;
  readonly postgres: BenchPostgres;
  readonly upstream: Child;
}

async function onStage<Result>(pace: object, work: (stage: Stage) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'rill-bench-'));
  const postgres = await startBenchPostgres();
  const upstream = await startChild({ entry: 'support/upstream.ts', ...restCore });
  try {
    await upstream.ask({ pace });
    return await work({ folder, postgres, upstream });
  } finally {
    await upstream.stop();
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const startNode = (
  { folder, upstream }: Stage,
  url: string,
  core: { readonly core?: number },
): Promise<Child> =>
  startRill({ folder, upstreamUrl: upstream.ready, environment: { DATABASE_URL: url }, ...core });

/**
 * Makes one request after another through a proxy that counts round trips; the proxy is part of every time. Statements
 * of one trip are counted as one only if the answer to the first of them arrives after the last was sent, which needs a
 * delay.
 */
export const measureTrips = (count: number, delayMs: number): Promise<SendTrips> =>
  onStage({ perSecond: 1000, count: 1 }, async (stage) => {
    const proxy = await startWireProxy(stage.postgres.url('postgres'), (give) =>
      delayMs === 0 ? give() : void setTimeout(give, delayMs),
    );
    const node = await startNode(stage, proxy.url, serverCore);
    const load = await startChild({ entry: 'relay/load.ts', ...restCore });
    try {
      const { targets } = await relayOf(node);
      await load.ask({ command: 'first', targets: await targets(20), isWhole: true });
      await wait(1000);
      const warmUp = proxy.transactions.map(({ sent }) => sent);
      await load.ask({ command: 'first', targets: await targets(count), isWhole: true });
      await wait(500);
      const measured = proxy.transactions.slice(warmUp.length);
      const having = (pattern: RegExp) => {
        const names = namesOf(warmUp, pattern);
        return measured.filter(({ sent }) => names.some((name) => sent.includes(name)));
      };
      return {
        delayMs,
        send: tripsOf(having(/^insert into "runs"/)),
        end: tripsOf(having(/^update "runs" set "state".* returning /)),
      };
    } finally {
      await load.stop();
      await node.stop();
      await proxy.close();
    }
  });

/** Names of the statements with such a text: only their first use on a connection has the text. */
function namesOf(sent: readonly string[], pattern: RegExp): string[] {
  const names = sent.flatMap((each) =>
    [...each.matchAll(/(rill_[\w-]{22})\0([^\0]*)/g)].filter(([, , text = '']) => pattern.test(text)),
  );
  return [...new Set(names.map(([, name = '']) => name))];
}

const tripsOf = (transactions: readonly WireTransaction[]): Trips => {
  const timesMs = transactions.map(({ elapsedMs }) => elapsedMs);
  return {
    count: median(transactions.map(({ tripCount }) => tripCount)),
    p50Ms: median(timesMs),
    p99Ms: percentile(timesMs, 0.99),
  };
};

export interface Elsewhere {
  readonly streams: number;
  /** Latency of readers at the node that writes the answers. */
  readonly own: Latency;
  /** Latency of readers at another node. */
  readonly other: Latency;
  /** CPU time of each node per chunk that its readers received, in microseconds. */
  readonly ownCpuUs: number;
  readonly otherCpuUs: number;
  readonly databaseCpuUs: number;
  /** All log that was written in that time, per chunk. */
  readonly walBytes: number;
}

async function readWalBytes(postgres: BenchPostgres): Promise<number> {
  const { rows } = await postgres.query(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes`);
  return Number(rows[0]?.bytes);
}

/** Reads every answer at the node that writes it and at another one. */
export const measureElsewhere = (streams: number, windowMs: number): Promise<Elsewhere> =>
  onStage({ perSecond: 20, count: 1_000_000 }, async (stage) => {
    const url = stage.postgres.url('postgres');
    const nodes = [await startNode(stage, url, serverCore), await startNode(stage, url, restCore)] as const;
    const loads = [
      await startChild({ entry: 'relay/load.ts', ...restCore }),
      await startChild({ entry: 'relay/load.ts', ...restCore }),
    ] as const;
    try {
      const { targets } = await relayOf(nodes[0]);
      const own = await targets(streams);
      const others = own.map((target) => ({ ...target, url: nodes[1].ready, method: 'GET' }));
      await loads[0].ask({ command: 'open', targets: own, overMs: streams * 2, limitMs: 8000 });
      await loads[1].ask({ command: 'open', targets: others, overMs: streams * 2, limitMs: 8000 });
      await wait(2000);
      const used = () => [...nodes.map(({ pid }) => cpuUs(pid)), stage.postgres.cpuUs()];
      const walBefore = await readWalBytes(stage.postgres);
      const before = used();
      await Promise.all(loads.map((load) => load.ask({ command: 'begin' })));
      await wait(windowMs);
      const [ofOwn, ofOther] = await Promise.all([
        loads[0].ask<Latency>({ command: 'end' }),
        loads[1].ask<Latency>({ command: 'end' }),
      ]);
      const [ownUs = 0, otherUs = 0, databaseUs = 0] = used().map((us, index) => us - (before[index] ?? 0));
      const walBytes = (await readWalBytes(stage.postgres)) - walBefore;
      return {
        streams,
        own: ofOwn,
        other: ofOther,
        ownCpuUs: ownUs / ofOwn.count,
        otherCpuUs: otherUs / ofOther.count,
        databaseCpuUs: databaseUs / ofOwn.count,
        walBytes: walBytes / ofOwn.count,
      };
    } finally {
      for (const load of loads) await load.stop();
      for (const node of nodes) await node.stop();
    }
  });
