/** Tests uploads, downloads and deletions of files over HTTP, and that nothing is left of what is refused. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request as sendRequest } from 'node:http';
import { join } from 'node:path';
import type { FileReference } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countRows, failureOf, jsonOf } from '../callServer.ts';
import { FakeClock } from '../fakeClock.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { pngOf } from './sampleFiles.ts';

let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

const upload = (bytes: string | Buffer, name = 'notes.txt') =>
  fetch(`${server.url}/api/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
  });
const contentOf = (fileId: string, query = '') =>
  server.request('GET', `/api/files/${fileId}/content${query}`);
/** Contents on the disk, those that arrive now included. */
const stored = (): string[] => {
  const folder = join(server.dataDirectory, 'files');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

describe('a file', () => {
  it('is returned byte for byte, under its name and as a download that is never executed', async () => {
    const bytes = `"quotes", ünïcode\r\n<script>${'x'.repeat(100_000)}`;
    const answer = await upload(bytes, 'Grüße "1".html');
    expect(answer.status).toBe(201);
    const reference = await jsonOf<FileReference>(answer);
    expect(reference).toMatchObject({
      name: 'Grüße "1".html',
      mediaType: 'text/plain',
      sizeBytes: Buffer.byteLength(bytes),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const content = await contentOf(reference.id, '?inline=1');
    expect(await content.text()).toBe(bytes);
    expect(Object.fromEntries(content.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="Gr__e _1_.html"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
  });

  it('is shown in the page only as a picture', async () => {
    const { id, width } = await jsonOf<FileReference>(upload(pngOf(32, 16), 'looks-like.html'));
    expect(width).toBe(32);
    const headersOf = async (query: string) => (await contentOf(id, query)).headers;
    expect((await headersOf('?inline=1')).get('content-disposition')).toMatch(/^inline;/);
    expect((await headersOf('?inline=1')).get('content-type')).toBe('image/png');
    expect((await headersOf('')).get('content-disposition')).toMatch(/^attachment;/);
  });

  it('that is uploaded twice is stored once, and stays until both are deleted', async () => {
    const [first, second] = [
      await jsonOf<FileReference>(upload('the same')),
      await jsonOf<FileReference>(upload('the same')),
    ];
    expect(first.id).not.toBe(second.id);
    expect(stored()).toEqual([first.sha256]);
    expect((await server.request('DELETE', `/api/files/${first.id}`)).status).toBe(204);
    expect(await (await contentOf(second.id)).text()).toBe('the same');
    expect((await server.request('DELETE', `/api/files/${second.id}`)).status).toBe(204);
    expect(stored()).toEqual([]);
    expect(await failureOf(contentOf(second.id))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('that was never sent is deleted after a day', async () => {
    const early = await jsonOf<FileReference>(upload('early'));
    clock.advance(23 * 60 * 60_000);
    const late = await jsonOf<FileReference>(upload('late'));
    const storedAfterAnHour = () => {
      clock.advance(60 * 60_000);
      return stored();
    };
    await expect.poll(storedAfterAnHour).toEqual([late.sha256]);
    expect((await contentOf(early.id)).status).toBe(404);
    expect((await contentOf(late.id)).status).toBe(200);
  });
});

describe('an upload is refused, and nothing of it is stored:', () => {
  afterEach(() => {
    expect(stored()).toEqual([]);
    expect(countRows(server, 'files')).toBe(0);
  });

  it.each([
    ['random bytes', () => upload(randomBytes(5000)), 422, 'file_refused'],
    ['nothing', () => upload(''), 422, 'file_refused'],
    ['a picture of 50,000 pixels', () => upload(pngOf(50_000, 50_000)), 422, 'file_refused'],
    ['a name with a line end', () => upload('text', 'a\nb.txt'), 400, 'bad_request'],
    ['a name with a bell', () => upload('text', 'a\u0007.txt'), 400, 'bad_request'],
    ['a name with another direction', () => upload('text', 'a\u202etxt.exe'), 400, 'bad_request'],
    ['a path', () => upload('text', '../../notes.txt'), 400, 'bad_request'],
    ['a blank name', () => upload('text', ' '), 400, 'bad_request'],
    ['no name', () => server.request('POST', '/api/files', 'text'), 400, 'bad_request'],
  ])('%s', async (_what, answer, status, code) => {
    expect(await failureOf(answer())).toMatchObject({ status, code });
  });

  it('a gigabyte, however its size is told, with bounded memory', async () => {
    const before = process.memoryUsage.rss();
    expect(await sendGigabyte({ 'content-length': String(2 ** 30) })).toBe(413);
    expect(await sendGigabyte({ 'transfer-encoding': 'chunked' })).toBe(413);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('a line that breaks in the middle', async () => {
    const request = sendRequest(`${server.url}/api/files?name=a.txt`, { method: 'POST' });
    request.write('a part');
    await expect.poll(stored).toHaveLength(1);
    request.on('error', () => undefined).destroy();
    await expect.poll(stored).toEqual([]);
  });
});

/** The status of the answer; writing stops there. */
function sendGigabyte(headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = sendRequest(`${server.url}/api/files?name=a.txt`, { method: 'POST', headers });
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const write = (): void => {
    while (!request.destroyed && request.write(chunk));
  };
  request.on('drain', write);
  request.on('error', reject);
  request.on('response', (response) => {
    resolve(response.statusCode);
    request.destroy();
  });
  write();
  return promise;
}

it('a content that a process left without a file is removed', async () => {
  const sha256 = createHash('sha256').update('left behind').digest('hex');
  const folder = join(server.dataDirectory, 'files', sha256.slice(0, 2));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, sha256), 'left behind');
  expect(stored()).toEqual([sha256]);
  clock.advance(60 * 60_000);
  await expect.poll(stored).toEqual([]);
});
