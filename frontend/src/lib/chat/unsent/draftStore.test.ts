import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../memoryStorage.ts';
import { createDraftStore, draftDelayMs } from './draftStore.ts';

describe('createDraftStore', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('writes within the delay, also while the user types without a pause', () => {
    const storage = memoryStorage();
    const drafts = createDraftStore(storage);
    drafts.write('c1', 'he');
    vi.advanceTimersByTime(draftDelayMs - 1);
    drafts.write('c1', 'hello');
    expect(storage.length).toBe(0);
    vi.advanceTimersByTime(1);
    expect(createDraftStore(storage).read('c1')).toBe('hello');
  });

  it('keeps what the server lacks for each writer, until the server has that text', () => {
    const storage = memoryStorage();
    const unsynced = { projectId: 'p1', chatId: 'c1', revision: 2 };
    const [one, two] = [createDraftStore(storage, 'one'), createDraftStore(storage, 'two')];
    one.write('c1', 'Of one', { ...unsynced, editedAtMs: 5 });
    two.write('c1', 'Of two', { ...unsynced, editedAtMs: 6 });
    one.flush();
    two.flush();
    const kept = createDraftStore(storage).unsynced();
    expect(kept.map(({ writer, content }) => [writer, content])).toEqual([
      ['two', 'Of two'],
      ['one', 'Of one'],
    ]);
    const sent = { ...unsynced, writer: 'one', editedAtMs: 5 };
    one.confirm({ ...sent, content: 'Of on' });
    expect(one.unsynced()).toHaveLength(2);
    one.confirm({ ...sent, content: 'Of one' });
    expect(one.unsynced().map(({ writer }) => writer)).toEqual(['two']);
  });

  it('keeps no earlier text when the server has the one that is not written yet', () => {
    const storage = memoryStorage();
    const drafts = createDraftStore(storage, 'one');
    const unsynced = { projectId: 'p1', chatId: 'c1', revision: 0 };
    drafts.write('c1', 'How many rows?', { ...unsynced, editedAtMs: 5 });
    drafts.flush();
    // Sent: the composer is empty, and the server is told so before that is in the storage.
    drafts.write('c1', '', { ...unsynced, editedAtMs: 6 });
    drafts.confirm({ ...unsynced, writer: 'one', content: '', editedAtMs: 0 });
    drafts.flush();
    expect(createDraftStore(storage).unsynced()).toEqual([]);
  });

  it('reads text that is not written yet', () => {
    const drafts = createDraftStore(memoryStorage());
    drafts.write('c1', 'hello');
    expect(drafts.read('c1')).toBe('hello');
    drafts.flush();
  });

  it('keeps the drafts of two chats apart', () => {
    const storage = memoryStorage();
    const drafts = createDraftStore(storage);
    drafts.write('c1', 'one');
    drafts.write('c2', 'two');
    drafts.flush();
    expect(createDraftStore(storage).read('c1')).toBe('one');
    expect(createDraftStore(storage).read('c2')).toBe('two');
  });

  it('removes an emptied draft', () => {
    const storage = memoryStorage();
    const drafts = createDraftStore(storage);
    drafts.write('c1', 'one');
    drafts.flush();
    drafts.write('c1', '');
    drafts.flush();
    expect(storage.length).toBe(0);
  });

  it('keeps drafts for the page when storage fails', () => {
    const broken = {
      ...memoryStorage(),
      getItem: () => {
        throw new Error('blocked');
      },
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    const drafts = createDraftStore(broken);
    drafts.write('c1', 'hello');
    drafts.flush();
    expect(drafts.read('c1')).toBe('hello');
    expect(drafts.read('c2')).toBe('');
  });
});
