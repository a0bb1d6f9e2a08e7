/**
 * `npm run measure:followers`: measures how far a reader at another node is behind one at the node that writes the answer,
 * with hints and without any. Starts a Postgres, two real servers on it and the simulator, reads answers at both, and
 * compares what was read.
 */
import { parseArgs } from 'node:util';
import type { DecodedFrame } from '@rill/protocol';
import { startSimulator } from '@rill/simulator';
import { send } from './callServer.ts';
import { startPostgres } from './postgres/postgresServer.ts';
import { contentOf, isChunk, readStream, type StreamReader } from './readStream.ts';
import { makeChat, processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
const { values } = parseArgs({
  options: {
    answers: { type: 'string', default: '20' },
    tokens: { type: 'string', default: '200' },
    redis: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

/** When a reader had so much of the answer. */
interface Arrival {
  readonly length: number;
  readonly atMs: number;
}

interface Reading {
  readonly arrivals: readonly Arrival[];
  readonly text: string;
}

async function readArrivals(stream: StreamReader): Promise<Reading> {
  const arrivals: Arrival[] = [];
  const frames: DecodedFrame[] = [];
  for (let frame = await stream.next(); frame; frame = await stream.next()) {
    frames.push(frame);
    if (isChunk(frame)) arrivals.push({ length: frame.cursor.contentLength, atMs: performance.now() });
  }
  return { arrivals, text: contentOf(frames) };
}

/** For everything that the reader at the writing node was shown, how much later the other one had it. */
async function measureAnswer(here: ReadyProcess, there: ReadyProcess): Promise<number[]> {
  const path = await makeChat(here);
  const own = await send(here, path);
  const other = readStream(await there.request('GET', `${path}/messages/stream`));
  const [{ arrivals: owns, text }, { arrivals: others, text: textThere }] = await Promise.all([
    readArrivals(own),
    readArrivals(other),
  ]);
  if (text.length === 0 || text !== textThere) throw new Error('The two readers were given different texts.');
  const firstMs = others[0]?.atMs ?? 0;
  return owns
    .filter(({ atMs }) => atMs > firstMs)
    .flatMap(({ length, atMs }) => {
      const arrival = others.find((each) => each.length >= length);
      return arrival ? [arrival.atMs - atMs] : [];
    });
}

interface Stage {
  readonly folder: string;
  readonly postgresUrl: string;
  readonly simulatorUrl: string;
}

/** Nothing listens there: each node says so once, and no hint arrives. */
const noRedis = 'redis://127.0.0.1:1';

async function measureWith(kind: string, redisUrl: string, stage: Stage): Promise<void> {
  const { folder, postgresUrl, simulatorUrl } = stage;
  const environment = {
    ...processEnvironment(folder, simulatorUrl, model),
    DATABASE_URL: postgresUrl,
    RILL_MAX_RUNS_PER_OWNER: '10000',
    ...(redisUrl !== '' && { REDIS_URL: redisUrl }),
  };
  const servers: ReadyProcess[] = [];
  try {
    for (let count = 0; count < 2; count += 1)
      servers.push(await startReady({ workingDirectory: folder, environment }));
    const [here, there] = servers;
    if (!here || !there) return;
    const answers = Array.from({ length: Number(values.answers) }, () => measureAnswer(here, there));
    const lagsMs = (await Promise.all(answers)).flat().sort((a, b) => a - b);
    const at = (share: number) =>
      (lagsMs[Math.min(lagsMs.length - 1, Math.floor(share * lagsMs.length))] ?? 0).toFixed(1).padStart(8);
    say(`${kind}: ${lagsMs.length} texts, the same at both nodes`);
    say(`  behind the writing node, ms: p50${at(0.5)}  p95${at(0.95)}  p99${at(0.99)}  max${at(1)}`);
  } finally {
    for (const { child, ended } of servers) {
      child.kill('SIGKILL');
      await ended;
    }
  }
}

async function measure(): Promise<void> {
  const folder = await makeFolder();
  const postgres = await startPostgres();
  const simulator = await startSimulator({ tokensPerSecond: 20 });
  simulator.script(model, [{ text: 'word '.repeat(Number(values.tokens)) }]);
  const stage = {
    folder: folder.path,
    postgresUrl: postgres.url('postgres'),
    simulatorUrl: simulator.url,
  };
  try {
    say(`${values.answers} answers at once (Node ${process.version})`);
    await measureWith(values.redis === '' ? 'hints by NOTIFY' : 'hints by Redis', values.redis, stage);
    await measureWith('no hints, one query each 50 ms', noRedis, stage);
  } finally {
    await simulator.close();
    await postgres.close();
    await folder.remove();
  }
}

if (values.help) say('npm run measure:followers -- [--answers 20] [--tokens 200] [--redis redis://…]');
else await measure();
