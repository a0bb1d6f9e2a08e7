/** Tests imports over HTTP: bodies of any size as streams, limits, and refusals that leave nothing. */
import { readdir } from 'node:fs/promises';
import { request as openRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ImportJob } from '@rill/protocol';
import { afterEach, expect, it } from 'vitest';
import { failureOf, jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const spooled = (dataDirectory: string) => readdir(join(dataDirectory, 'imports'));
const post = (started: TestServer, body: BodyInit, type = 'application/octet-stream') =>
  fetch(`${started.url}/api/import?name=given.zip`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });

/** Waits until the import has ended or waits for a start. */
async function settled(started: TestServer, id: string): Promise<ImportJob> {
  for (;;) {
    const job = await jsonOf<ImportJob>(started.request('GET', `/api/import/${id}`));
    if (job.state !== 'counting' && job.state !== 'running') return job;
  }
}

it('refuses what is no export by a sentence in the import, and forgets it when it is told to', async () => {
  server = await startTestServer();
  const response = await post(server, '{"no":"export"}', 'application/json');
  expect(response.status).toBe(202);
  const { id } = await jsonOf<ImportJob>(response);
  expect(await settled(server, id)).toMatchObject({
    state: 'failed',
    name: 'given.zip',
    sizeBytes: 15,
    problem: expect.stringContaining('no export'),
  });
  await expect.poll(() => spooled(server?.dataDirectory ?? '')).toEqual([]);
  expect((await server.request('DELETE', `/api/import/${id}`)).status).toBe(204);
  expect(await failureOf(server.request('GET', `/api/import/${id}`))).toMatchObject({ status: 404 });
});

it('refuses a body over the limit while it arrives, whatever length it states, and keeps nothing', async () => {
  server = await startTestServer({ environment: { RILL_MAX_IMPORT_BYTES: '100000' } });
  const bytes = new Uint8Array(200_000);
  expect(await failureOf(post(server, bytes))).toMatchObject({ status: 413, code: 'body_too_large' });
  const { url } = server;
  const request = openRequest(`${url}/api/import`, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
  });
  const answered = new Promise<string>((resolve, reject) => {
    request.on('response', (response) => void text(response).then(resolve, reject));
  });
  request.on('error', () => undefined).write(bytes);
  expect(JSON.parse(await answered)).toMatchObject({ error: { code: 'body_too_large' } });
  request.destroy();
  expect(await spooled(server.dataDirectory)).toEqual([]);
  expect(await jsonOf(server.request('GET', '/api/import'))).toEqual({ imports: [] });
});

it('keeps nothing of a body whose client leaves in the middle', async () => {
  server = await startTestServer();
  const { dataDirectory } = server;
  const spooledNow = () => spooled(dataDirectory).catch(() => []);
  const request = openRequest(`${server.url}/api/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip', 'content-length': String(2 ** 30) },
  });
  request.on('error', () => undefined).write(Buffer.alloc(1_000_000, 'x'));
  await expect.poll(spooledNow).toHaveLength(1);
  request.destroy();
  await expect.poll(spooledNow).toEqual([]);
  expect(await jsonOf(server.request('GET', '/api/import'))).toEqual({ imports: [] });
});

it.each(['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded'])(
  'refuses %s, which a form of a foreign page can send',
  async (type) => {
    server = await startTestServer();
    expect(await failureOf(post(server, 'x=1', type))).toMatchObject({ code: 'unsupported_media_type' });
  },
);

it('accepts a body that takes longer than a request may, and refuses one that stalls', async () => {
  const started = await startTestServer({ environment: { RILL_REQUEST_TIMEOUT_MS: '300' } });
  server = started;
  const open = () => {
    const request = openRequest(`${started.url}/api/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/zip', 'transfer-encoding': 'chunked' },
    });
    const answered = new Promise<ImportJob>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => void text(response).then(JSON.parse).then(resolve, reject));
    });
    return { request, answered };
  };
  const silent = open();
  silent.request.write('x');
  const slow = open();
  const end = performance.now() + 1000;
  // A request between each byte and the next is a wait that sees the server.
  let bytes = 0;
  for (; performance.now() < end; bytes += 1) {
    slow.request.write('x');
    await started.request('GET', '/api/health');
  }
  slow.request.end();
  expect(await slow.answered).toMatchObject({ sizeBytes: bytes });
  expect(await silent.answered).toMatchObject({ error: { code: 'bad_request' } });
  silent.request.destroy();
});
