/** Tests that a running server refuses hostile zip files by a sentence, stores nothing of them, and keeps no file. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importInto } from './archiveBench.ts';
import { countRows } from './callServer.ts';
import { sampleConversation, zipOf } from './exportArchive.ts';
import { change, fieldsOf, moveLast, rename } from './spoilZip.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const conversations = JSON.stringify([sampleConversation(1, 3, () => 'An answer')]);
const whole = () => zipOf({ 'conversations.json': conversations, 'abcdefgh.json': '[]' });

async function expectRefused(zip: Buffer, sentence: RegExp): Promise<void> {
  const job = await importInto(server, zip);
  expect(job).toMatchObject({ state: 'failed', doneItems: 0, problem: expect.stringMatching(sentence) });
  expect(countRows(server, 'messages')).toBe(0);
  await expect.poll(() => readdir(join(server.dataDirectory, 'imports'))).toEqual([]);
}

/** Ends the packed bytes of the first entry earlier than its field says, by other bytes. */
async function withTail(): Promise<Buffer> {
  const zip = await zipOf({ 'conversations.json': conversations });
  const { bytes, headers } = fieldsOf(zip);
  const packed = deflateRawSync(Buffer.from(conversations).subarray(0, 10));
  packed.copy(bytes, (headers[0] ?? 0) + 30 + 'conversations.json'.length);
  return bytes;
}

describe('a zip file', () => {
  const spoilt: readonly (readonly [string, RegExp, (zip: Buffer) => Buffer])[] = [
    ['whose entries are one', /overlap/, (zip) => moveLast(zip, ([first = 0]) => first)],
    ['whose entries overlap', /overlap/, (zip) => moveLast(zip, ([, last = 0]) => last - 10)],
    ['whose entry reaches into the next', /overlap/, (zip) => change(zip, 'packedBytes', (n) => n + 40)],
    ['whose entry begins nowhere', /overlap|begin/, (zip) => moveLast(zip, () => zip.length - 60)],
    ['that is encrypted', /encrypted/, (zip) => change(zip, 'flags', (flags) => flags | 1)],
    ['whose header alone is encrypted', /differs/, (zip) => change(zip, 'flags', (n) => n | 1, 'header')],
    ['of another packing', /cannot read \(14\)/, (zip) => change(zip, 'method', () => 14)],
    ['whose header says another packing', /differs/, (zip) => change(zip, 'method', () => 0, 'header')],
    ['whose header says another size', /differs/, (zip) => change(zip, 'sizeBytes', () => 9, 'header')],
    ['whose header says another checksum', /differs/, (zip) => change(zip, 'checksum', () => 9, 'directory')],
    ['whose checksum is wrong', /checksum/, (zip) => change(zip, 'checksum', () => 9)],
    [
      'that unpacks to more than it says',
      /more than it says/,
      (zip) => change(zip, 'sizeBytes', (n) => n - 5),
    ],
    [
      'that unpacks to less than it says',
      /less than it says/,
      (zip) => change(zip, 'sizeBytes', (n) => n + 5),
    ],
    ['whose packed bytes are cut', /damaged/, (zip) => change(zip, 'packedBytes', (n) => n - 20)],
    ['that is cut in the middle', /damaged/, (zip) => zip.subarray(0, zip.length >> 1)],
    ['with a name that leads out', /name/, (zip) => rename(zip, 'abcdefgh.json', '../../gh.json')],
    ['with an absolute name', /name/, (zip) => rename(zip, 'abcdefgh.json', '/bcdefgh.json')],
    ['with a drive in a name', /name/, (zip) => rename(zip, 'abcdefgh.json', 'C:/defgh.json')],
    ['with backslashes that lead out', /name/, (zip) => rename(zip, 'abcdefgh.json', '..\\..\\gh.json')],
    ['with a NUL in a name', /name/, (zip) => rename(zip, 'abcdefgh.json', 'abc\0efgh.json')],
    ['with an escape in a name', /name/, (zip) => rename(zip, 'abcdefgh.json', 'abc\u001befgh.json')],
  ];
  it.each(spoilt)('%s is refused', async (_what, sentence, spoil) => {
    await expectRefused(spoil(await whole()), sentence);
  });

  it('whose header has another name than its directory is refused', async () => {
    const zip = await whole();
    zip.write('x', (fieldsOf(zip).headers[0] ?? 0) + 30);
    await expectRefused(zip, /differs/);
  });

  it('with bytes behind the end of the packed data is refused', async () => {
    await expectRefused(await withTail(), /damaged/);
  });

  it('with a name that is longer than any export has is refused', async () => {
    const name = `${'a'.repeat(501)}.json`;
    await expectRefused(await zipOf({ 'conversations.json': conversations, [name]: '[]' }), /name/);
  });
});
