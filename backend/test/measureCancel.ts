/**
 * `npm run measure:cancel`: measures the time from a user's Stop to the end of the provider's connection. Starts the real
 * server and the simulator, opens many answers and cancels them one after another.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from '@rill/simulator';
import { send } from './callServer.ts';
import { isChunk } from './readStream.ts';
import { makeChat, processEnvironment, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
const { values } = parseArgs({
  options: {
    cancels: { type: 'string', default: '200' },
    streams: { type: 'string', default: '1,100' },
    help: { type: 'boolean' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await makeFolder();
const simulator = await startSimulator({ tokensPerSecond: 20 });
simulator.script(model, [{ text: 'word '.repeat(100_000) }]);
const rill = await startReady({
  workingDirectory: folder.path,
  environment: {
    ...processEnvironment(folder.path, simulator.url, model),
    RILL_MAX_RUNS_PER_OWNER: '10000',
  },
});

interface OpenAnswer {
  readonly path: string;
  readonly sessionId: string;
  disconnect(): Promise<void>;
}

async function openAnswer(): Promise<OpenAnswer> {
  const path = await makeChat(rill);
  const stream = await send(rill, path);
  await stream.until(isChunk);
  return { path, sessionId: path.split('/').at(-1) ?? '', disconnect: () => stream.disconnect() };
}

/** Milliseconds from the request to cancel until the provider sees its connection closed. */
async function timeToClose({ path, sessionId, disconnect }: OpenAnswer): Promise<number> {
  const asked = await simulator.waitForRequest(
    ({ headers, outcome }) => outcome === 'open' && headers['x-session-id'] === sessionId,
  );
  const startMs = performance.now();
  const closed = simulator.waitForAbort(asked).then(() => performance.now() - startMs);
  await rill.request('POST', `${path}/cancel`, {});
  const closedMs = await closed;
  await disconnect();
  return closedMs;
}

async function measure(streamCount: number): Promise<void> {
  const open: OpenAnswer[] = [];
  while (open.length < streamCount) open.push(await openAnswer());
  const timesMs: number[] = [];
  while (timesMs.length < Number(values.cancels)) {
    const next = open.shift();
    if (next) timesMs.push(await timeToClose(next));
    open.push(await openAnswer());
  }
  for (const answer of open) await timeToClose(answer);
  timesMs.sort((a, b) => a - b);
  const at = (share: number) =>
    `${(timesMs[Math.min(timesMs.length - 1, Math.floor(share * timesMs.length))] ?? 0).toFixed(1)} ms`.padStart(
      10,
    );
  say(`${String(streamCount).padStart(7)}${at(0.5)}${at(0.95)}${at(1)}`);
}

try {
  if (values.help) say('npm run measure:cancel -- [--cancels 200] [--streams 1,100]');
  else {
    say(
      `From POST …/cancel to the end of the provider's connection, ${values.cancels} times (Node ${process.version})\n`,
    );
    say(`${'streams'.padStart(7)}${['p50', 'p95', 'max'].map((head) => head.padStart(10)).join('')}`);
    for (const count of values.streams.split(',')) await measure(Number(count));
  }
} finally {
  rill.child.kill('SIGKILL');
  await rill.ended;
  await simulator.close();
  await folder.remove();
}
