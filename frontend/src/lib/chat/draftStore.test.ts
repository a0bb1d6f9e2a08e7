import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDraftStore, draftIdleMs } from './draftStore.ts';

function memoryStorage() {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

describe('createDraftStore', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('writes once, after the writer pauses', () => {
    const storage = memoryStorage();
    const drafts = createDraftStore(storage);
    drafts.write('c1', 'he');
    vi.advanceTimersByTime(draftIdleMs - 1);
    drafts.write('c1', 'hello');
    vi.advanceTimersByTime(draftIdleMs - 1);
    expect(storage.values.size).toBe(0);
    vi.advanceTimersByTime(1);
    expect(createDraftStore(storage).read('c1')).toBe('hello');
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
    expect(storage.values.size).toBe(0);
  });

  it('keeps drafts for the page when storage fails', () => {
    const broken = {
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
