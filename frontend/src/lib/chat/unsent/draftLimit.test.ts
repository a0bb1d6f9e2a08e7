import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memoryStorage } from '../memoryStorage.ts';
import { withDraftLimit } from './draftLimit.ts';
import { createDraftStore } from './draftStore.ts';
import { DraftSync } from './draftSync.svelte.ts';
import { memoryUnsent } from './memoryUnsent.ts';

const maxBodyBytes = 10_000;
const long = 'long '.repeat(maxBodyBytes);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A composer whose server takes `limit` bytes, as far as is known. */
function open(limit: number | undefined) {
  const server = memoryUnsent();
  const puts = vi.spyOn(server, 'putDraft');
  const storage = memoryStorage();
  const drafts = createDraftStore(storage);
  const composer = { content: '' };
  const client = { ...server, putDraft: withDraftLimit(server.putDraft, () => limit) };
  const sync = new DraftSync(
    {
      client,
      drafts,
      nowMs: () => Date.now(),
      written: () => composer,
      show: ({ content }) => (composer.content = content),
      onUnauthorized: () => undefined,
    },
    { projectId: 'p1', chatId: 'c1' },
  );
  const type = async (content: string) => {
    composer.content = content;
    sync.edited({ content });
    await vi.advanceTimersByTimeAsync(10_000);
  };
  return { puts, storage, type, sync };
}

test('a draft that is too large stays in the browser, and the server gets it once it is short enough', async () => {
  const { puts, storage, type, sync } = open(maxBodyBytes);
  await type(long);
  await type(`${long}.`);
  expect(puts).not.toHaveBeenCalled();
  expect(createDraftStore(storage).unsynced()).toMatchObject([{ content: `${long}.` }]);
  await type('short');
  expect(puts.mock.calls.map(([{ content }]) => content)).toEqual(['short']);
  expect(createDraftStore(storage).unsynced()).toEqual([]);
  sync.dispose();
});

test('a draft is sent while the limit is not known', async () => {
  const { puts, type, sync } = open(undefined);
  await type(long);
  expect(puts).toHaveBeenCalledTimes(1);
  sync.dispose();
});
