/** `npm run bench` and `npm run bench:NAME`: measures Rill and comparable projects, and prints tables. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/ensureBuilt.ts';
import { framesBench } from './frames/framesBench.ts';
import { growBench } from './grow/growBench.ts';
import { logBench } from './log/logBench.ts';
import { type DocumentKind, documentKinds } from './markdown/documents.ts';
import { markdownBench } from './markdown/markdownBench.ts';
import { relayBench } from './relay/relayBench.ts';
import { resumeBench } from './resume/resumeBench.ts';
import { startBench } from './start/startBench.ts';
import {
  type BenchResult,
  describeMachine,
  formatTable,
  note,
  print,
  type SummaryRow,
  say,
} from './support/report.ts';
import { summaryTable } from './support/summary.ts';
import { write } from './support/writeResult.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    streams: { type: 'string' },
    'window-ms': { type: 'string' },
    part: { type: 'string' },
    profile: { type: 'string' },
    kinds: { type: 'string' },
    'sizes-kb': { type: 'string' },
    flushes: { type: 'string' },
    'limit-ms': { type: 'string' },
  },
});

// Without a name every bench runs in its short form.
if (positionals.length === 0) values.quick = true;

const listOf = (text: string): string[] => text.split(',').filter((each) => each !== '');
const number = (text: string | undefined, fallback: number) => (text === undefined ? fallback : Number(text));

const relaySizes = {
  quick: {
    rounds: 1,
    streams: '100,500',
    windowMs: 3000,
    ladder: [],
    requests: 40,
    cancels: 10,
    stalledMs: 4000,
  },
  full: {
    rounds: 3,
    streams: '100,500,1000',
    windowMs: 5000,
    ladder: [100, 250, 500, 750, 1000, 1125, 1250, 1500, 1750, 2000, 2500],
    requests: 200,
    cancels: 50,
    stalledMs: 8000,
  },
};

/** Measures both engines of Rill, and the cost of a second node. */
function nodes(): Promise<BenchResult> {
  values.only ||= 'pipe,rill,postgres';
  values.streams ??= '100,500';
  return relay('nodes');
}

function relay(name: 'relay' | 'nodes' = 'relay'): Promise<BenchResult> {
  const { part } = values;
  const has = (name: string) => part === undefined || part === name;
  const sizes = values.quick ? relaySizes.quick : relaySizes.full;
  const isRelay = name === 'relay';
  return relayBench({
    name,
    only: listOf(values.only),
    rounds: number(values.rounds, sizes.rounds),
    streams: has('steady') ? listOf(values.streams ?? sizes.streams).map(Number) : [],
    windowMs: number(values['window-ms'], sizes.windowMs),
    ladder: has('ceiling') && isRelay ? sizes.ladder : [],
    requests: has('first') ? sizes.requests : 0,
    cancels: has('cancel') && isRelay ? sizes.cancels : 0,
    stalledMs: has('stalled') && isRelay ? sizes.stalledMs : 0,
    elsewhere: has('nodes') && !isRelay ? 50 : 0,
    nodeOptions:
      values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`],
  });
}

const markdownSizes = {
  quick: {
    rounds: 1,
    kinds: 'mixed,code',
    sizesKb: '10',
    flushes: '40',
    sampledFromKb: 10,
    windowFlushes: 6,
    windowMs: 200,
    limitMs: 5000,
  },
  full: {
    rounds: 3,
    kinds: documentKinds.join(),
    sizesKb: '10,100,400',
    flushes: '12,40',
    sampledFromKb: 50,
    windowFlushes: 20,
    windowMs: 1000,
    limitMs: 60_000,
  },
};

function markdown(): Promise<BenchResult> {
  const sizes = values.quick ? markdownSizes.quick : markdownSizes.full;
  const kindOf = (name: string): DocumentKind => {
    const known = documentKinds.find((kind) => kind === name);
    if (known === undefined) throw new Error(`${name} is none of the kinds ${documentKinds.join(', ')}.`);
    return known;
  };
  return markdownBench({
    only: listOf(values.only),
    rounds: number(values.rounds, sizes.rounds),
    kinds: listOf(values.kinds ?? sizes.kinds).map(kindOf),
    sizesKb: listOf(values['sizes-kb'] ?? sizes.sizesKb).map(Number),
    flushes: listOf(values.flushes ?? sizes.flushes).map(Number),
    sampledFromKb: sizes.sampledFromKb,
    windowFlushes: sizes.windowFlushes,
    windowMs: number(values['window-ms'], sizes.windowMs),
    limitMs: number(values['limit-ms'], sizes.limitMs),
    profileFolder: values.profile === undefined ? null : resolve(values.profile),
  });
}

const common = {
  isQuick: values.quick,
  rounds: values.rounds === undefined ? undefined : Number(values.rounds),
};

const benches: Record<string, { readonly what: string; run(): Promise<BenchResult> }> = {
  relay: {
    what: 'the cost of Rill between provider and client, compared with its peers',
    run: () => relay(),
  },
  nodes: { what: 'Rill on Postgres beside Rill on SQLite, and a reader at another node', run: nodes },
  markdown: { what: 'the cost of a streaming answer in the browser, compared with its peers', run: markdown },
  frames: { what: 'frames of the page while a long answer streams fast', run: () => framesBench(common) },
  log: { what: 'appends and commits of the event log', run: () => logBench(common) },
  grow: {
    what: 'sends and page loads while the database grows, and its query plans',
    run: () => growBench(common),
  },
  resume: { what: 'readers that reconnect, one and a thousand', run: () => resumeBench(common) },
  start: {
    what: 'a cold start, and the page: its weight and when it can be used',
    run: () => startBench(common),
  },
};

const help = `npm run bench [-- options]          a short form of every bench, and one table at the end
npm run bench:NAME [-- options]     one bench in full

${Object.entries(benches)
  .map(([name, { what }]) => `  ${name.padEnd(10)}${what}`)
  .join('\n')}

  --quick              smaller sizes, one round
  --out FOLDER         writes JSON and SVG there; docs/benchmarks is what the repository keeps
  --rounds N           rounds, alternating forwards and backwards; the tables show medians
  relay: --only pipe,hand,rill,postgres,openai,ai,resumable   --streams 100,500,1000   --window-ms 5000
         --part steady|first|ceiling|cancel|stalled  --profile FOLDER (a CPU profile of each server)
  nodes: --part steady|first|nodes, and the others of relay
  markdown: --only text,smd,rill,marked,streamdown,svelte   --kinds ${documentKinds.join()}   --sizes-kb 10,100,400
            --flushes 12,40 (characters)   --limit-ms 60000 (for a cell)   --window-ms 1000 (for a sampled window)
            --profile FOLDER (a CPU profile of each cell)
`;

/** The peers and the plotting library are packages of this folder only: the product never installs them. */
function installPeers(): void {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const installed = statSync(`${folder}/node_modules/.package-lock.json`, { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs) return;
  note('Installing the peers and the plotting library into bench/node_modules …');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm ci in bench/ failed.');
}

async function main(): Promise<void> {
  const [name = 'all'] = positionals;
  const names = name === 'all' ? Object.keys(benches) : [name];
  if (values.help || names.some((each) => !(each in benches))) return say(help);
  installPeers();
  ensureBuilt('page', 'server');
  const summary: SummaryRow[] = [];
  for (const each of names) {
    const machine = describeMachine();
    const result = await benches[each]?.run();
    if (!result) continue;
    print(result, machine);
    summary.push(...(result.summary ?? []));
    if (values.out !== undefined) await write(result, machine, values.out);
  }
  if (summary.length > 0) say(`\n${formatTable(summaryTable(summary))}`);
}

// Child processes end with the bench, also on Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

await main();
