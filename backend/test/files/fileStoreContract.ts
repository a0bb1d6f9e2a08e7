/** Defines the contract of a store of files, wherever it keeps them. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileStore } from '../../src/files/fileStore.ts';

export interface OpenStore {
  readonly store: FileStore;
  close(): Promise<void>;
}

const maxBytes = 1000;

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

/** All that an iterable gives. */
export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a part');
  throw new Error('The line broke.');
}

export function describeFileStore(name: string, open: () => Promise<OpenStore>): void {
  describe(name, () => {
    let test: OpenStore;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    const listed = () => allOf(test.store.list());
    async function keep(bytes: Uint8Array): Promise<string> {
      const received = await test.store.receive(inChunks(bytes, 7), maxBytes);
      await received.keep();
      await received.discard();
      return received.sha256;
    }

    it('returns every byte under the digest of the content', async () => {
      const bytes = randomBytes(maxBytes);
      const sha256 = await keep(bytes);
      expect(await test.store.read(sha256)).toEqual(bytes);
      expect(Buffer.concat(await allOf(await test.store.open(sha256)))).toEqual(bytes);
      expect(await listed()).toEqual([sha256]);
    });

    it('has a content once, however often it is kept', async () => {
      const digests = await Promise.all([1, 2, 3].map(() => keep(Buffer.from('the same'))));
      expect(new Set(digests).size).toBe(1);
      expect(await listed()).toEqual(digests.slice(0, 1));
      expect(String(await test.store.read(digests[0] ?? ''))).toBe('the same');
    });

    it('can be read before it is kept, and is not there before', async () => {
      const received = await test.store.receive(inChunks(Buffer.from('early'), 2), maxBytes);
      expect(String(await received.read())).toBe('early');
      expect(await listed()).toEqual([]);
      await received.discard();
      await expect(test.store.open(received.sha256)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('stops reading at the limit, and nothing is left', async () => {
      let given = 0;
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (;;) {
          given += 100;
          yield Buffer.alloc(100);
        }
      }
      await expect(test.store.receive(endless(), maxBytes)).rejects.toMatchObject({ code: 'file_too_large' });
      expect(given).toBe(maxBytes + 100);
      expect(await listed()).toEqual([]);
    });

    it('keeps nothing of a stream that breaks', async () => {
      await expect(test.store.receive(failing(), maxBytes)).rejects.toThrow('The line broke.');
      expect(await listed()).toEqual([]);
    });

    it('removes a content once and does nothing the second time', async () => {
      const sha256 = await keep(Buffer.from('to remove'));
      await test.store.remove(sha256);
      await test.store.remove(sha256);
      await expect(test.store.read(sha256)).rejects.toMatchObject({ code: 'not_found' });
      expect(await listed()).toEqual([]);
    });
  });
}
