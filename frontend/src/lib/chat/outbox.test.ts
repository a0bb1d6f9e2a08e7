import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDraftStore } from './draftStore.ts';
import { createOutbox, type Outbox } from './outbox.svelte.ts';

describe('Outbox', () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => void stored.set(key, text),
    removeItem: (key: string) => void stored.delete(key),
  };
  /** What a page that is opened after this one has in its composer. */
  const afterReload = (outbox: Outbox, place = 'c1') => {
    outbox.flush();
    return createOutbox(createDraftStore(storage), place).draft;
  };

  beforeEach(() => {
    stored.clear();
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('keeps the message on its way beside newer text, and forgets it once it is confirmed', () => {
    const outbox = createOutbox(createDraftStore(storage), 'c1');
    outbox.draft = 'First';
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 });
    outbox.draft = 'Second';
    expect(afterReload(outbox)).toBe('First\n\nSecond');
    outbox.confirm('k1');
    expect(outbox.pending).toBeNull();
    expect(afterReload(outbox)).toBe('Second');
  });

  it('keeps a message that another run confirms nothing about', () => {
    const outbox = createOutbox(createDraftStore(storage), 'c1');
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 });
    outbox.confirm('k2');
    expect(outbox.pending?.content).toBe('First');
  });

  it('gives an unsent message back to the composer when another one is sent', () => {
    const outbox = createOutbox(createDraftStore(storage), 'c1');
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 });
    outbox.fail('The server cannot be reached.');
    outbox.draft = 'Second';
    outbox.send({ key: 'k2', content: 'Second', createdAtMs: 0 });
    expect(outbox.draft).toBe('First');
    expect(outbox.pending).toMatchObject({ key: 'k2', content: 'Second', failure: null });
  });

  it('leaves the composer alone when something else than its text is sent', () => {
    const outbox = createOutbox(createDraftStore(storage), 'c1');
    outbox.draft = 'Half a thought';
    outbox.send({ key: 'k1', content: 'An example', createdAtMs: 0 });
    expect(outbox.draft).toBe('Half a thought');
  });

  it('keeps queued messages in order between the one on its way and the draft, until each is taken out', () => {
    const outbox = createOutbox(createDraftStore(storage), 'c1');
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 });
    for (const [key, content] of [
      ['k2', 'Second'],
      ['k3', 'Third'],
    ] as const) {
      outbox.draft = content;
      outbox.enqueue({ key, content, createdAtMs: 0 });
    }
    expect(outbox.draft).toBe('');
    outbox.draft = 'Fourth';
    expect(afterReload(outbox)).toBe('First\n\nSecond\n\nThird\n\nFourth');
    outbox.hasten('k3');
    expect(outbox.queue.map(({ key, isDue }) => [key, isDue])).toEqual([
      ['k3', true],
      ['k2', false],
    ]);
    outbox.editQueued('k2');
    expect(outbox.draft).toBe('Second\n\nFourth');
    expect(outbox.dequeue('k3')?.content).toBe('Third');
    expect(afterReload(outbox)).toBe('First\n\nSecond\n\nFourth');
  });

  it('moves its text with the chat that a first message makes', () => {
    const outbox = createOutbox(createDraftStore(storage), 'new:p1');
    outbox.draft = 'First';
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 });
    outbox.moveTo('c1');
    expect([afterReload(outbox), afterReload(outbox, 'new:p1')]).toEqual(['First', '']);
  });
});
