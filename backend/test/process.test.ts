import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { jsonOf } from './callServer.ts';
import { portOf } from './portOf.ts';
import { type ProcessEnd, type RillProcess, startProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let running: RillProcess[];
beforeEach(async () => {
  folder = await makeFolder();
  running = [];
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  await folder.remove();
});

/** No request is sent to this provider. */
const quiet = { RILL_PORT: '0', RILL_LOG_LEVEL: 'silent', OPENROUTER_BASE_URL: 'http://127.0.0.1:9/v1' };
const optionsOf = (environment: Record<string, string>) => ({
  workingDirectory: folder.path,
  environment: { ...quiet, ...environment },
});

async function ready(environment: Record<string, string> = {}) {
  const started = await startReady(optionsOf(environment));
  running.push(started);
  return started;
}

/** Runs the process until it exits by itself. */
async function runToEnd(environment: Record<string, string>, parameters: string[] = []): Promise<ProcessEnd> {
  const started = startProcess({ ...optionsOf(environment), parameters });
  running.push(started);
  return started.ended;
}

const refusal = (sentence: string) => ({ code: 1, signal: null, stdout: '', stderr: `${sentence}\n` });

describe('a start', () => {
  it('prints the address at which it is ready, and serves there', async () => {
    const { url, request } = await ready();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await request('GET', '/api/health');
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toMatchObject({ status: 'ok', version });
  });

  it('without a key reports that the simulator answers, and it does', async () => {
    const { request, waitForOutput } = await ready({ OPENROUTER_BASE_URL: '' });
    await waitForOutput(/^No OPENROUTER_API_KEY is set: .*simulator.*$/m);
    expect(await jsonOf(request('GET', '/api/models'))).toMatchObject({
      isDemo: true,
      models: expect.arrayContaining([expect.objectContaining({ id: 'demo/quick' })]),
    });
  });

  it('reads .env in the working folder, and the environment overrides it', async () => {
    await writeFile(join(folder.path, '.env'), 'RILL_DATA_DIR=./from-file\nRILL_LOG_LEVEL=loud');
    await ready();
    const dataDirectory = join(folder.path, 'from-file');
    expect(await runToEnd({})).toEqual(
      refusal(`Another Rill is already running on the data folder ${dataDirectory}.`),
    );
  });

  it('prints only the settings with --help', async () => {
    const end = await runToEnd({ RILL_PORT: 'wrong' }, ['--help']);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(end.stdout).toContain(`Rill ${version}`);
    expect(end.stdout).toContain('RILL_PORT');
  });
});

describe('a start that fails', () => {
  it('names the invalid setting in one sentence', async () => {
    expect(await runToEnd({ RILL_PORT: '70000' })).toEqual(
      refusal('RILL_PORT must be a whole number from 0 to 65535.'),
    );
    expect(await runToEnd({ RILL_HOST: '0.0.0.0' })).toEqual(
      refusal('RILL_HOST is 0.0.0.0, which others can reach: set RILL_ACCESS_TOKEN first.'),
    );
  });

  it('reports that another process holds the data folder, and that process continues', async () => {
    const { request } = await ready({ RILL_DATA_DIR: folder.path });
    expect(await runToEnd({ RILL_DATA_DIR: folder.path })).toEqual(
      refusal(`Another Rill is already running on the data folder ${folder.path}.`),
    );
    expect((await request('GET', '/api/projects')).status).toBe(200);
  });

  it('reports that the data folder cannot be used', async () => {
    await mkdir(join(folder.path, 'data', 'rill.sqlite'), { recursive: true });
    const { code, stdout, stderr } = await runToEnd({});
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The data folder \S+ cannot be used: [^\n]+\.\n$/);
  });

  it('reports that a data folder which is not writable cannot be used', async () => {
    // No user may write there, not even root.
    const { code, stdout, stderr } = await runToEnd({ RILL_DATA_DIR: '/proc/sys' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The data folder \/proc\/sys cannot be used: [^\n]+\.\n$/);
  });

  it('reports that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    const port = await portOf(taken);
    expect(await runToEnd({ RILL_PORT: String(port) })).toEqual(
      refusal(`Port ${port} on 127.0.0.1 is taken: end the program that uses it, or set RILL_PORT.`),
    );
    taken.close();
  });

  it('reports that the address does not belong to this machine', async () => {
    const environment = { RILL_HOST: '192.0.2.1', RILL_ACCESS_TOKEN: 'a-secret-of-good-length' };
    const { code, stderr } = await runToEnd(environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Rill cannot listen on 192\.0\.2\.1:0 \(RILL_HOST, RILL_PORT\): [^\n]+\.\n$/);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s while no answer is being written', (signal) => {
  it('ends the process at once and successfully', async () => {
    const { child, ended, request } = await ready();
    // A keep-alive connection does not keep the process.
    await request('GET', '/api/health');
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});
