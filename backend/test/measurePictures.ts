/**
 * `npm run measure:pictures`: measures the memory that pictures cost while models send them. Lets answers of a real server
 * each receive one picture in one line, at the same time, and prints how much its resident memory grew at most. The first
 * number of answers is the base: what each further one costs is given as a multiple of the picture's size.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startSimulator } from '@rill/simulator';
import { send } from './callServer.ts';
import { largePng } from './files/sampleFiles.ts';
import { isChunk, type StreamReader } from './readStream.ts';
import { makeChat, processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '4,16,32' },
    megabytes: { type: 'string', default: '2' },
    help: { type: 'boolean' },
  },
});
const pictureBytes = Number(values.megabytes) * 1e6;

const say = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Source: proc(5). */
function memoryOf({ child }: ReadyProcess, name: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync(`/proc/${child.pid}/status`, 'utf8').match(`${name}:\\s+(\\d+) kB`);
  return Number(line?.[1]) * 1024;
}

let pictureCount = 0;
function pictureLine(bytes: number): string {
  pictureCount += 1;
  const url = `data:image/png;base64,${largePng(bytes, `picture ${pictureCount} `).toString('base64')}`;
  const delta = { content: '', images: [{ type: 'image_url', image_url: { url } }] };
  const chunk = { id: `gen-${pictureCount}`, choices: [{ index: 0, delta, finish_reason: null }] };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

const simulator = await startSimulator({ tokensPerSecond: 0 });

/** Returns by how much the memory of a server grew at most while it received the pictures. */
async function growthWith(count: number): Promise<number> {
  const folder = await makeFolder();
  const environment = { RILL_MAX_RUNS_PER_OWNER: '1000', RILL_MAX_RUNS: '1000' };
  const rill = await startReady({
    workingDirectory: folder.path,
    environment: { ...processEnvironment(folder.path, simulator.url, model), ...environment },
  });
  /** Resolves when the pictures have come, to answers that had all begun before. */
  const draw = async (bytes: number): Promise<number> => {
    const hold = `pictures ${pictureCount}`;
    const streams: StreamReader[] = [];
    for (let index = 0; index < count; index += 1) {
      const path = await makeChat(rill);
      simulator.nextScript(model, [{ delta: 'Here: ' }, { hold }, { raw: pictureLine(bytes) }]);
      const stream = await send(rill, path);
      await stream.until(isChunk);
      streams.push(stream);
    }
    const before = memoryOf(rill, 'VmRSS');
    // Sets the highest value to the current one.
    writeFileSync(`/proc/${rill.child.pid}/clear_refs`, '5');
    simulator.release(hold);
    await Promise.all(streams.map((stream) => stream.rest()));
    return memoryOf(rill, 'VmHWM') - before;
  };
  try {
    // What the first pictures load and compile is not counted.
    await draw(10_000);
    return await draw(pictureBytes);
  } finally {
    rill.child.kill('SIGKILL');
    await rill.ended;
    await folder.remove();
  }
}

async function measure(): Promise<void> {
  say(`Pictures of ${values.megabytes} MB, each in one line (Node ${process.version})`);
  let base: { readonly count: number; readonly growth: number } | null = null;
  for (const count of values.pictures.split(',').map(Number)) {
    const growth = await growthWith(count);
    const each = base && (growth - base.growth) / (count - base.count);
    const times = each === null ? '' : `: ${(each / pictureBytes).toFixed(1)} times its size for each more`;
    say(`${String(count).padStart(4)} at once: ${megabytes(growth)} more memory${times}`);
    base ??= { count, growth };
  }
}

try {
  if (values.help) say('npm run measure:pictures -- [--pictures 4,16,32] [--megabytes 2]');
  else await measure();
} finally {
  await simulator.close();
}
