/**
 * `npm run measure:streams`: measures what a stream holds in a server's heap, by constructor, from two heap snapshots:
 * of the idle server, and of the same server with streams. `-- --streams N --per-second N`, 150 streams of 2 chunks a
 * second by default.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import { type Child, startChild } from '../support/child.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { startRill } from '../support/rillServer.ts';
import { type HeapSnapshot, type Held, heldByConstructor, heldMore } from './heapByConstructor.ts';
import { wait } from './measure.ts';
import { relayOf } from './relayContenders.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '150' },
    'per-second': { type: 'string', default: '2' },
  },
});
const [streams, perSecond] = [Number(values.streams), Number(values['per-second'])];
/** Constructors with fewer bytes per stream share one row. */
const leastBytes = 100;

interface Moment {
  /** Size of the young generation before the collection. */
  readonly youngBytes: number;
  readonly held: ReadonlyMap<string, Held>;
}

ensureBuilt('server');
const folder = await mkdtemp(join(tmpdir(), 'rill-streams-'));
const upstream = await startChild({ entry: 'support/upstream.ts' });
const load = await startChild({ entry: 'relay/load.ts' });
const preload = fileURLToPath(new URL('heapSnapshots.ts', import.meta.url));
const server = await startRill({ folder, upstreamUrl: upstream.ready, nodeOptions: ['--import', preload] });
try {
  await upstream.ask({ pace: { perSecond: 1000, count: 1 } });
  const { targets } = await relayOf(server);
  // Code that the first answer loads and compiles is not part of a stream.
  await load.ask({ command: 'first', targets: await targets(5), isWhole: true });
  const chosen = await targets(streams);
  const idle = await look(server);
  await upstream.ask({ pace: { perSecond, count: 1_000_000 } });
  const open = { command: 'open', targets: chosen, overMs: streams * 2, limitMs: 30_000 };
  const { length } = await load.ask<number[]>(open);
  if (length < streams) throw new Error(`Only ${length} of ${streams} streams have started.`);
  await wait(3000);
  print(idle, await look(server));
} finally {
  for (const child of [server, load, upstream]) await child.stop();
  await rm(folder, { recursive: true, force: true });
}

async function look(child: Child): Promise<Moment> {
  const path = join(folder, 'heap.heapsnapshot');
  const { youngBytes } = await child.ask<{ youngBytes: number }>({ path });
  const snapshot = JSON.parse(await readFile(path, 'utf8')) as HeapSnapshot;
  return { youngBytes, held: heldByConstructor(snapshot) };
}

function print(idle: Moment, busy: Moment): void {
  const inKb = (bytes: number) => figure(bytes / 1024 / streams);
  const more = heldMore(idle.held, busy.held);
  const rows = more.filter(({ bytes }) => Math.abs(bytes) / streams >= leastBytes);
  const others = more.filter((each) => !rows.includes(each));
  const sum = (list: readonly Held[]) => list.reduce((total, { bytes }) => total + bytes, 0);
  say(
    formatTable({
      title: `${streams} streams of ${perSecond} chunks a second, after a collection of garbage: shallow sizes`,
      head: ['constructor', 'KB a stream', 'count a stream'],
      rows: [
        ...rows.map(({ name, bytes, count }) => [name, inKb(bytes), figure(count / streams)]),
        ['all others', inKb(sum(others)), ''],
        ['together', inKb(sum(more)), ''],
      ],
    }),
  );
  say(`\nBefore it, V8's young generation had ${inKb(busy.youngBytes - idle.youngBytes)} KB more a stream.`);
}
