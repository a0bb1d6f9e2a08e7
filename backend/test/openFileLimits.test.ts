/** Tests a server process with a low limit of open files: what it refuses, and that short requests never fail. */
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonOf } from './callServer.ts';
import { makeChat, processEnvironment, type ReadyProcess, startProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let simulator: Simulator;
let rill: ReadyProcess | null;
let opened: AbortController;
const streams: Response[] = [];
beforeEach(async () => {
  folder = await makeFolder();
  // So slow that an answer lasts as long as its test.
  simulator = await startSimulator({ tokensPerSecond: 1 });
  rill = null;
  opened = new AbortController();
});
afterEach(async () => {
  opened.abort();
  streams.length = 0;
  rill?.child.kill('SIGKILL');
  await rill?.ended;
  await simulator.close();
  await folder.remove();
});

const environment = () => ({
  ...processEnvironment(folder.path, simulator.url, 'demo/long'),
  RILL_LOG_LEVEL: 'warn',
});

async function startLimited(openFileLimit: number): Promise<ReadyProcess> {
  rill = await startReady({ workingDirectory: folder.path, environment: environment(), openFileLimit });
  return rill;
}

interface Outcome {
  readonly status: number;
  readonly retryAfter?: string | null;
  readonly code?: string;
  readonly message?: string;
}

/** Opens a stream and leaves it open; a refusal is read to its end. */
async function open(url: string, init: RequestInit = {}): Promise<Outcome> {
  const response = await fetch(url, { ...init, signal: opened.signal });
  if (response.status === 200) {
    // `fetch` closes the connection of a response that is garbage.
    streams.push(response);
    return { status: 200 };
  }
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  const { code, message } = error;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code, message };
}

const send = (url: string, chat: string) =>
  open(`${url}${chat}/messages/stream`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ content: 'Hello' }),
  });

const refused = {
  status: 503,
  retryAfter: '5',
  code: 'server_busy',
  message: 'The server has too many files and connections open. Try again in a moment.',
};

describe('a server that may have 80 files open', () => {
  it('reports at its start how low the limit is, what it allows and how to raise it', async () => {
    const { waitForOutput } = await startLimited(80);
    await waitForOutput(/limit of open files \(ulimit -n\) is 80, which is low: it allows \d+ event streams/);
  });

  it('refuses readers beyond its limit, and still accepts sends, lists, health checks and cancels', async () => {
    const { url, request } = await startLimited(80);
    const chats: string[] = [];
    for (let count = 0; count < 20; count += 1) chats.push(await makeChat({ request }));

    const readers: Outcome[] = [];
    for (let count = 0; count < 60; count += 1) readers.push(await open(`${url}/api/events`));
    const kept = readers.filter(({ status }) => status === 200);
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(readers.slice(kept.length)).toEqual(Array(60 - kept.length).fill(refused));

    const sends: Outcome[] = [];
    for (const chat of chats) sends.push(await send(url, chat));
    const started = sends.filter(({ status }) => status === 200).length;
    expect(started).toBeGreaterThanOrEqual(3);
    expect(sends.slice(started)).toEqual(Array(chats.length - started).fill(refused));

    expect((await request('GET', '/api/health')).status).toBe(200);
    expect((await request('GET', chats[0]?.replace(/\/[^/]+$/, '') ?? '')).status).toBe(200);
    for (const chat of chats.slice(0, started)) {
      const result = await jsonOf<object>(request('POST', `${chat}/cancel`, {}));
      expect(result).toMatchObject({ cancelled: true, message: { status: 'cancelled', error: null } });
    }
    opened.abort();
    opened = new AbortController();
    await expect.poll(() => open(`${url}/api/events`)).toEqual({ status: 200 });
  });

  it('accepts short requests while many keep-alive connections are idle', async () => {
    const { url } = await startLimited(80);
    for (let round = 0; round < 4; round += 1) {
      const answers = Array.from({ length: 15 }, () =>
        fetch(`${url}/api/health`).then((each) => each.text()),
      );
      await Promise.all(answers);
    }
    expect(await open(`${url}/api/events`)).toEqual({ status: 200 });
  });
});

it('reports nothing when the limit is high enough', async () => {
  const { child, ended } = await startLimited(400);
  child.kill('SIGTERM');
  expect((await ended).stdout).not.toContain('limit of open files');
});

it.each([24, 26, 28])('names the cause when it cannot start with %i files', async (openFileLimit) => {
  const started = startProcess({ workingDirectory: folder.path, environment: environment(), openFileLimit });
  const { code, stderr } = await started.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^[^\n]*may have too few files open[^\n]*ulimit -n 4096[^\n]*\n$/);
});
