import { type FileReference, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../memoryStorage.ts';
import { createStoredText } from '../storage/storedText.ts';
import { FileUploads } from './fileUploads.svelte.ts';
import { type BytesStore, createKeptUploads } from './keptUploads.ts';
import { Uploader, type UploaderOptions } from './uploader.ts';

const newUploads = () =>
  new FileUploads(
    () => '',
    () => Promise.reject(new Error('This test makes its own.')),
  );
const notes = new File(['text'], 'notes.txt', { type: 'text/plain' });

/** A tab, which a reload replaces by one with the same storage. */
function openTab(stored: { list: Storage; bytes: Map<string, Blob> }, upload: UploaderOptions['upload']) {
  const uploads = newUploads();
  const taken: string[] = [];
  const store: BytesStore = {
    put: async (key, bytes) => void stored.bytes.set(key, bytes),
    get: async (key) => stored.bytes.get(key) ?? null,
    delete: async (key) => void stored.bytes.delete(key),
  };
  let lastKey = 0;
  const uploader = new Uploader({
    uploads,
    newId: () => `u${++lastKey}`,
    upload,
    kept: createKeptUploads(createStoredText(stored.list, 'uploads'), store),
    takerOf: (key) => (key.startsWith('project:') ? async ({ id }) => void taken.push(id) : undefined),
  });
  return { uploads, uploader, taken };
}

const newStorage = () => ({ list: memoryStorage(), bytes: new Map<string, Blob>() });
const never = () => new Promise<FileReference>(() => undefined);

it('gives a file to a target that takes files itself: uploaded once, even when the target cannot be reached at first', async () => {
  const uploaded: string[] = [];
  const stored = newStorage();
  const { uploads, uploader } = openTab(stored, async ({ name }) => {
    uploaded.push(name);
    return { id: 'f1', name } as FileReference;
  });
  const taken: string[] = [];
  let isAway = true;
  const take = async ({ id }: FileReference) => {
    if (isAway) throw new RillError('internal', { isRetryable: true });
    taken.push(id);
  };
  uploader.add({ key: 'project:p1', take }, [notes]);
  await expect.poll(() => uploads.of('project:p1')[0]?.state).toBe('waiting');
  isAway = false;
  uploader.retry('u1');
  await expect.poll(() => uploads.list).toEqual([]);
  expect(taken).toEqual(['f1']);
  expect(uploaded).toEqual(['notes.txt']);
  expect([stored.bytes.size, stored.list.length]).toEqual([0, 0]);
});

describe('a file that is uploading when the page is reloaded', () => {
  it('is uploaded again, for the same target, under its name', async () => {
    const stored = newStorage();
    const before = openTab(stored, never);
    before.uploader.add({ key: 'chat', chatId: 'c1' }, [notes]);
    before.uploader.add({ key: 'project:p1' }, [new File(['more'], 'more.txt')]);
    await expect
      .poll(() => before.uploads.list.map(({ state }) => state))
      .toEqual(['uploading', 'uploading']);
    const sent: [string, string | undefined, string][] = [];
    const after = openTab(stored, async ({ name, chatId, content }) => {
      sent.push([name, chatId, await content.text()]);
      return { id: name, name } as FileReference;
    });
    await expect.poll(() => after.uploads.list.map(({ state }) => state)).toEqual(['stored']);
    expect(sent).toEqual([
      ['notes.txt', 'c1', 'text'],
      ['more.txt', undefined, 'more'],
    ]);
    expect(after.taken).toEqual(['more.txt']);
    after.uploader.remove(after.uploads.list[0]?.key ?? '');
    expect(openTab(stored, never).uploads.list).toEqual([]);
  });

  it('is reported as lost where the browser did not keep its bytes', async () => {
    const stored = newStorage();
    openTab(stored, never).uploader.add({ key: 'chat' }, [notes]);
    stored.bytes.clear();
    const { uploads, uploader } = openTab(stored, never);
    await expect.poll(() => uploads.of('chat')).toMatchObject([{ name: 'notes.txt', failure: 'lost' }]);
    uploader.remove('u1');
    expect(openTab(stored, never).uploads.list).toEqual([]);
  });

  it('is none where the list is damaged', () => {
    const stored = newStorage();
    stored.list.setItem('uploads', '[{"key":1},null,7]');
    expect(openTab(stored, never).uploads.list).toEqual([]);
    stored.list.setItem('uploads', '{');
    expect(openTab(stored, never).uploads.list).toEqual([]);
  });
});
