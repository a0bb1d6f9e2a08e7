/** Every store of files keeps the same contract; the folder leaves nothing half written behind. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { allOf, describeFileStore } from '../../test/files/fileStoreContract.ts';
import { makeFolder } from '../../test/testDatabase.ts';
import { openFolderFileStore } from './folderFileStore.ts';
import { createMemoryFileStore } from './memoryFileStore.ts';

async function openFolder() {
  const folder = await makeFolder();
  return {
    path: folder.path,
    store: await openFolderFileStore(join(folder.path, 'files')),
    close: folder.remove,
  };
}

describeFileStore('files in a folder', openFolder);
describeFileStore('files in memory', async () => {
  const stored = await openFolder();
  return { store: createMemoryFileStore(stored.store), close: stored.close };
});

describe('files in a folder', () => {
  it('lose at the next start what an earlier process received in part', async () => {
    const test = await openFolder();
    await mkdir(join(test.path, 'files', 'incoming'), { recursive: true });
    await writeFile(join(test.path, 'files', 'incoming', 'a-part'), 'half of a f');
    await openFolderFileStore(join(test.path, 'files'));
    expect(await readdir(join(test.path, 'files'))).toEqual([]);
    await test.close();
  });

  it('of several processes keep at a start what another one is receiving, and lose what is a day old', async () => {
    const test = await openFolder();
    const folder = join(test.path, 'files', 'incoming');
    await mkdir(folder, { recursive: true });
    for (const name of ['new', 'old']) await writeFile(join(folder, name), 'half of a f');
    const yesterday = Date.now() / 1000 - 25 * 60 * 60;
    await utimes(join(folder, 'old'), yesterday, yesterday);
    await openFolderFileStore(join(test.path, 'files'), true);
    expect(await readdir(folder)).toEqual(['new']);
    await test.close();
  });

  it('of several processes stay for an hour, in which one of them may enter them in the database', async () => {
    const test = await openFolder();
    const store = await openFolderFileStore(join(test.path, 'files'), true);
    const received = await store.receive([Buffer.from('of another node')], 100);
    await received.keep();
    await store.remove(received.sha256);
    expect(await allOf(store.list())).toEqual([received.sha256]);
    const path = join(test.path, 'files', received.sha256.slice(0, 2), received.sha256);
    const before = Date.now() / 1000 - 61 * 60;
    await utimes(path, before, before);
    await store.remove(received.sha256);
    expect(await allOf(store.list())).toEqual([]);
    await test.close();
  });

  it.each([2, -2])(
    'of several processes have the age that the folder tells, at a machine %i days ahead',
    async (days) => {
      const test = await openFolder();
      const folder = join(test.path, 'files');
      const store = await openFolderFileStore(folder, true);
      const received = await store.receive([Buffer.from('of another node')], 100);
      await received.keep();
      const arriving = await store.receive([Buffer.from('that arrives')], 100);
      const nowMs = Date.now() + days * 24 * 3_600_000;
      vi.spyOn(Date, 'now').mockReturnValue(nowMs);
      await (await openFolderFileStore(folder, true)).remove(received.sha256);
      vi.restoreAllMocks();
      expect(await allOf(store.list())).toEqual([received.sha256]);
      await arriving.keep();
      await test.close();
    },
  );

  it('are not searched for outside of it', async () => {
    const test = await openFolder();
    await expect(test.store.read('../../etc/hostname')).rejects.toMatchObject({ code: 'not_found' });
    await test.close();
  });
});

describe('files in memory', () => {
  async function* bytes(count: number): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(count);
  }

  it('use no more memory together than the limit, and release it', async () => {
    const stored = await openFolder();
    const store = createMemoryFileStore(stored.store, 100);
    const first = await store.receive(bytes(60), 100);
    await first.keep();
    await expect(store.receive(bytes(60), 100)).rejects.toMatchObject({ code: 'file_too_large' });
    await store.remove(first.sha256);
    await (await store.receive(bytes(60), 100)).keep();
    expect(await allOf(store.list())).toHaveLength(1);
    await stored.close();
  });
});
