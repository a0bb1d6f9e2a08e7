/** Measures the cells of the relay bench; each starts a fresh relay, on its own core when there are two. */
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../support/child.ts';
import { restCore, serverCore } from '../support/cores.ts';
import { cpuUs, residentBytes } from '../support/processFigures.ts';
import { median, percentile } from '../support/statistics.ts';
import type { Contender, Running, StartOptions } from './relayContenders.ts';

export interface Latency {
  readonly count: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Totals {
  readonly sent: number;
  readonly bytes: number;
  readonly opened: number;
  readonly closed: number;
  readonly lastClosedAtUs: number;
  readonly open: number;
}

export const wait = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));

interface Stage {
  readonly upstream: Child;
  readonly load: Child;
  readonly relay: Running;
  idleBytes: number;
}

/** Starts provider, clients and relay, and always ends them. */
async function onStage<Result>(
  contender: Contender,
  pace: object,
  work: (stage: Stage) => Promise<Result>,
  options: StartOptions = {},
): Promise<Result> {
  const upstream = await startChild({ entry: 'support/upstream.ts', ...restCore });
  const load = await startChild({ entry: 'relay/load.ts', ...restCore });
  try {
    await upstream.ask({ pace });
    const relay = await contender.start(upstream.ready, { ...serverCore, ...options });
    try {
      // One request first, so that every relay has compiled its code.
      await load.ask({ command: 'first', targets: await relay.targets(5) });
      await wait(300);
      return await work({ upstream, load, relay, idleBytes: residentBytes(relay.child.pid) });
    } finally {
      await relay.stop();
    }
  } finally {
    await load.stop();
    await upstream.stop();
  }
}

export interface FirstChunk {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The part of it until the request was on disk; 0 for a relay that stores nothing. */
  readonly commitP50Ms: number;
  /** CPU time of the whole request, including its end. */
  readonly cpuUsPerRequest: number;
  /** CPU time of the separate database process; 0 where there is none. */
  readonly databaseUsPerRequest: number;
}

const commitTimes = fileURLToPath(new URL('commitTimes.ts', import.meta.url));

/** Makes one request after another on an idle server: time from the request to the first chunk. */
export const measureFirst = (contender: Contender, count: number): Promise<FirstChunk> =>
  onStage(
    contender,
    { perSecond: 1000, count: 1 },
    async ({ load, relay }) => {
      const targets = await relay.targets(count);
      if (contender.commits) await relay.child.ask({});
      const cpuBefore = cpuUs(relay.child.pid);
      const databaseBefore = relay.databaseCpuUs?.() ?? 0;
      const timesUs = await load.ask<number[]>({ command: 'first', targets, isWhole: true });
      const cpuUsPerRequest = (cpuUs(relay.child.pid) - cpuBefore) / count;
      const databaseUsPerRequest = ((relay.databaseCpuUs?.() ?? 0) - databaseBefore) / count;
      // The first commit of each request stores the message, the second one the end of the answer.
      const commitsMs = contender.commits ? await relay.child.ask<number[]>({}) : [];
      const sendsMs = commitsMs.filter((_, index) => index % 2 === 0);
      return {
        p50Ms: median(timesUs) / 1000,
        p95Ms: percentile(timesUs, 0.95) / 1000,
        commitP50Ms: sendsMs.length > 0 ? median(sendsMs) : 0,
        cpuUsPerRequest,
        databaseUsPerRequest,
      };
    },
    contender.commits ? { nodeOptions: ['--import', commitTimes] } : {},
  );

export interface Steady extends Latency {
  readonly streams: number;
  readonly started: number;
  /** Share of the chunks due in the window that arrived in it. */
  readonly delivered: number;
  readonly cpuUsPerChunk: number;
  /** CPU time of the separate database process; 0 where there is none. */
  readonly databaseUsPerChunk: number;
  /** CPU time as a share of one core. */
  readonly cpuShare: number;
  readonly rssKbPerStream: number;
  readonly rssMb: number;
}

export interface SteadyOptions {
  readonly streams: number;
  readonly perSecond: number;
  readonly windowMs: number;
  readonly nodeOptions?: readonly string[];
}

/** Runs many streams at a steady pace; the measured window starts when all of them run. */
export const measureSteady = (contender: Contender, options: SteadyOptions): Promise<Steady> =>
  onStage(
    contender,
    { perSecond: options.perSecond, count: 1_000_000 },
    async ({ load, relay, idleBytes }) => {
      const { streams, perSecond, windowMs } = options;
      const targets = await relay.targets(streams);
      const started = await load.ask<number[]>({
        command: 'open',
        targets,
        overMs: streams * 2,
        limitMs: 8000,
      });
      await wait(1000);
      const { pid } = relay.child;
      const cpuBefore = cpuUs(pid);
      const databaseBefore = relay.databaseCpuUs?.() ?? 0;
      const startMs = performance.now();
      await load.ask({ command: 'begin' });
      await wait(windowMs);
      const latency = await load.ask<Latency>({ command: 'end' });
      const elapsedMs = performance.now() - startMs;
      const usedUs = cpuUs(pid) - cpuBefore;
      const databaseUs = (relay.databaseCpuUs?.() ?? 0) - databaseBefore;
      const rss = residentBytes(pid);
      await load.ask({ command: 'closeAll' });
      if (options.nodeOptions) {
        // A profile is only written when the process exits by itself.
        relay.child.process.kill('SIGINT');
        await wait(4000);
      }
      return {
        ...latency,
        streams,
        started: started.length,
        delivered: latency.count / ((streams * perSecond * elapsedMs) / 1000),
        cpuUsPerChunk: usedUs / latency.count,
        databaseUsPerChunk: databaseUs / latency.count,
        cpuShare: usedUs / 1000 / elapsedMs,
        rssKbPerStream: (rss - idleBytes) / 1024 / streams,
        rssMb: rss / 1e6,
      };
    },
    options.nodeOptions ? { nodeOptions: options.nodeOptions } : {},
  );

/** The first cancels are not counted, because code that runs for the first time is compiled, also in the client. */
const warmUpCancels = 5;

/** Cancels streams one after another: milliseconds from the cancel to the provider's closed socket. */
export const measureCancel = (contender: Contender, streams: number, cancels: number): Promise<number[]> =>
  onStage(contender, { perSecond: 20, count: 1_000_000 }, async ({ upstream, load, relay }) => {
    const targets = await relay.targets(streams);
    await load.ask({ command: 'open', targets, overMs: streams * 2, limitMs: 8000 });
    const timesMs: number[] = [];
    for (const [index, target] of targets.slice(0, warmUpCancels + cancels).entries()) {
      const before = await upstream.ask<Totals>({});
      const startedAtUs = await load.ask<number>({
        command: 'leave',
        index,
        cancelUrl: relay.cancelUrl(target),
      });
      const timeMs = await timeToClose(upstream, before.closed, startedAtUs);
      if (index >= warmUpCancels || !Number.isFinite(timeMs)) timesMs.push(timeMs);
      if (!Number.isFinite(timesMs.at(-1)) && timesMs.length >= 3) break;
    }
    return timesMs;
  });

async function timeToClose(upstream: Child, closedBefore: number, startedAtUs: number): Promise<number> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const { closed, lastClosedAtUs } = await upstream.ask<Totals>({});
    if (closed > closedBefore) return (lastClosedAtUs - startedAtUs) / 1000;
    await wait(20);
  }
  return Number.POSITIVE_INFINITY;
}

export interface Stalled {
  /** Growth of the relay's memory while its only reader reads nothing. */
  readonly growthMb: number;
  /** The part of the answer that the provider could send during that time. */
  readonly sentMb: number;
}

/** Measures a reader that stops reading, and a provider that sends as fast as it can. */
export const measureStalled = (contender: Contender, windowMs: number): Promise<Stalled> =>
  // Earlier requests have ended by then, so that the server only works for this reader.
  onStage(contender, { perSecond: 1000, count: 1 }, async ({ upstream, load, relay, idleBytes }) => {
    await upstream.ask({ pace: { perSecond: 0, count: 1_000_000, contentBytes: 200 } });
    const before = await upstream.ask<Totals>({});
    await load.ask({ command: 'open', targets: await relay.targets(1), overMs: 0, limitMs: 5000 });
    await load.ask({ command: 'pause', index: 0 });
    await wait(windowMs);
    const after = await upstream.ask<Totals>({});
    return {
      growthMb: (residentBytes(relay.child.pid) - idleBytes) / 1e6,
      sentMb: (after.bytes - before.bytes) / 1e6,
    };
  });
