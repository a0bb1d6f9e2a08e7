/**
 * `npm run measure:followers`: measures how far a reader at another node is behind one at the node that writes the answer.
 * Starts a Postgres, two real servers on it and the simulator, and reads answers at both.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from '@rill/simulator';
import { send } from './callServer.ts';
import { startPostgres } from './postgres/postgresServer.ts';
import { isChunk, readStream, type StreamReader } from './readStream.ts';
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

async function readArrivals(stream: StreamReader): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (let frame = await stream.next(); frame; frame = await stream.next())
    if (isChunk(frame)) arrivals.push({ length: frame.cursor.contentLength, atMs: performance.now() });
  return arrivals;
}

/** For everything that the reader at the writing node was shown, how much later the other one had it. */
async function measureAnswer(here: ReadyProcess, there: ReadyProcess): Promise<number[]> {
  const path = await makeChat(here);
  const own = await send(here, path);
  const other = readStream(await there.request('GET', `${path}/messages/stream`));
  const [owns, others] = await Promise.all([readArrivals(own), readArrivals(other)]);
  const firstMs = others[0]?.atMs ?? 0;
  return owns
    .filter(({ atMs }) => atMs > firstMs)
    .flatMap(({ length, atMs }) => {
      const arrival = others.find((each) => each.length >= length);
      return arrival ? [arrival.atMs - atMs] : [];
    });
}

async function measure(): Promise<void> {
  const folder = await makeFolder();
  const postgres = await startPostgres();
  const simulator = await startSimulator({ tokensPerSecond: 20 });
  simulator.script(model, [{ text: 'word '.repeat(Number(values.tokens)) }]);
  const environment = {
    ...processEnvironment(folder.path, simulator.url, model),
    DATABASE_URL: postgres.url('postgres'),
    RILL_MAX_RUNS_PER_OWNER: '10000',
    ...(values.redis !== '' && { REDIS_URL: values.redis }),
  };
  const servers: ReadyProcess[] = [];
  try {
    for (let count = 0; count < 2; count += 1)
      servers.push(await startReady({ workingDirectory: folder.path, environment }));
    const [here, there] = servers;
    if (!here || !there) return;
    const answers = Array.from({ length: Number(values.answers) }, () => measureAnswer(here, there));
    const lagsMs = (await Promise.all(answers)).flat().sort((a, b) => a - b);
    const at = (share: number) =>
      (lagsMs[Math.min(lagsMs.length - 1, Math.floor(share * lagsMs.length))] ?? 0).toFixed(1).padStart(8);
    say(`${values.answers} answers at once, ${lagsMs.length} texts (Node ${process.version})`);
    say(`behind the writing node, ms: p50${at(0.5)}  p95${at(0.95)}  p99${at(0.99)}  max${at(1)}`);
  } finally {
    for (const { child, ended } of servers) {
      child.kill('SIGKILL');
      await ended;
    }
    await simulator.close();
    await postgres.close();
    await folder.remove();
  }
}

if (values.help) say('npm run measure:followers -- [--answers 20] [--tokens 200] [--redis redis://…]');
else await measure();
