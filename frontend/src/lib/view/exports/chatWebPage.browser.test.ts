/** Tests that the web page of a chat has the pictures that fit, says which do not, and never reads more than it may have. */
import { type FileReference, type Message, RillError } from '@rill/protocol';
import { expect, test } from 'vitest';
import { exampleChat, exampleMessage } from '../../chat/chatTestBench.ts';
import { chatWebPage } from './chatWebPage.ts';

const mebibyte = 1024 * 1024;

/** How a PNG begins. */
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const picture = (id: string, sizeBytes: number): FileReference => ({
  id,
  name: `${id}.png`,
  mediaType: 'image/png',
  sizeBytes,
  sha256: '0'.repeat(64),
  width: 1,
  height: 1,
  pageCount: null,
  estimatedTokens: null,
});

/** The page of an answer, its size, and the files that were read for it. */
async function pageOf(change: Partial<Message>, sizes: Readonly<Record<string, number>> = {}) {
  const read: string[] = [];
  const blob = await chatWebPage({
    chat: exampleChat,
    messages: [exampleMessage({ id: 'a1', role: 'assistant', content: 'Look', ...change })],
    async readFile({ fileId }) {
      read.push(fileId);
      const bytes = sizes[fileId];
      if (bytes === undefined) throw new RillError('not_found');
      const content = new Uint8Array(bytes);
      content.set(signature);
      return new Blob([content], { type: 'application/octet-stream' });
    },
  });
  const page = new DOMParser().parseFromString(await blob.text(), 'text/html');
  return { read, sizeBytes: blob.size, page, pictures: page.querySelectorAll('img').length };
}

test('omits pictures that do not fit, without reading them, and includes smaller ones', async () => {
  const sizes = { a: 40 * mebibyte, b: 30 * mebibyte, c: mebibyte };
  const files = Object.entries(sizes).map(([id, bytes]) => picture(id, bytes));
  const { read, pictures, sizeBytes, page } = await pageOf({ files }, sizes);
  expect(read).toEqual(['a', 'c']);
  expect(pictures).toBe(2);
  expect(sizeBytes).toBeLessThan(64 * mebibyte * 1.4);
  expect(page.body.textContent).toContain('A picture is left out: the page would be too large.');
});

test('counts the pictures that are in a message themselves, as earlier versions kept them', async () => {
  const url = `data:image/png;base64,${'A'.repeat(32 * mebibyte)}`;
  const { pictures, sizeBytes } = await pageOf({ images: Array.from({ length: 4 }, () => ({ url })) });
  expect(pictures).toBe(2);
  expect(sizeBytes).toBeLessThan(64 * mebibyte * 1.4);
});

test('names a file that is lost, and has everything else', async () => {
  const { page, pictures } = await pageOf(
    { files: [picture('lost <1>', 99), picture('kept', 99)] },
    { kept: 99 },
  );
  expect(pictures).toBe(1);
  expect(page.body.textContent).toContain('A file is not there any more: lost <1>.png');
  expect(page.body.textContent).toContain('Look');
});
