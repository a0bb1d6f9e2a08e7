import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../memoryStorage.ts';
import { createDraftStore, type DraftStore } from './draftStore.ts';
import { memoryUnsent } from './memoryUnsent.ts';
import { Outbox } from './outbox.svelte.ts';
import { UnsentStore } from './unsentStore.svelte.ts';

describe('Outbox', () => {
  const storage = memoryStorage();
  const chat = { projectId: 'p1', chatId: 'c1', makesChat: false, model: null };
  let unsent: UnsentStore;
  let drafts: DraftStore;
  const open = (chatId: string | null = 'c1') => {
    const options = { client: memoryUnsent(), drafts, nowMs: () => 0, onUnauthorized: () => undefined };
    return new Outbox(options, unsent, { projectId: 'p1', chatId });
  };
  /** What a page that is opened after this one has on its way and in its composer. */
  const afterReload = (_outbox: Outbox, chatId: string | null = 'c1') => {
    drafts.flush();
    const { pending, draft } = open(chatId);
    return [pending?.content ?? null, draft];
  };

  beforeEach(() => {
    storage.clear();
    drafts = createDraftStore(storage);
    unsent = new UnsentStore(null);
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('keeps the message that is being sent next to newer text, and drops it once it is confirmed', () => {
    const outbox = open();
    outbox.draft = 'First';
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 }, chat);
    outbox.draft = 'Second';
    expect(afterReload(outbox)).toEqual(['First', 'Second']);
    outbox.confirm('k1');
    expect(outbox.pending).toBeNull();
    expect(afterReload(outbox)).toEqual([null, 'Second']);
  });

  it('keeps a message that another run confirms nothing about', () => {
    const outbox = open();
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 }, chat);
    outbox.confirm('k2');
    expect(outbox.pending?.content).toBe('First');
  });

  it.each([
    ['is confirmed', (outbox: Outbox) => outbox.confirm('k1')],
    ['fails', (outbox: Outbox) => outbox.fail('Refused.', { isRefused: true })],
    [
      'is taken back',
      (outbox: Outbox) => {
        outbox.fail('Refused.', { isRefused: true });
        outbox.takeBack();
      },
    ],
  ])('leaves the message that another tab sends in the same chat as it is when its own %s', (_, end) => {
    const [outbox, other] = [open(), open()];
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 }, chat);
    other.send({ key: 'k2', content: 'Second', createdAtMs: 0 }, chat);
    end(outbox);
    expect(unsent.find('c1')).toMatchObject({ key: 'k2', hold: null, isRefused: false });
  });

  it('returns an unsent message to the composer when another one is sent', () => {
    const outbox = open();
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 }, chat);
    outbox.fail('The server cannot be reached.');
    outbox.draft = 'Second';
    outbox.send({ key: 'k2', content: 'Second', createdAtMs: 0 }, chat);
    expect(outbox.draft).toBe('First');
    expect(outbox.pending).toMatchObject({ key: 'k2', content: 'Second', failure: null });
  });

  it('leaves the composer alone when something else than its text is sent', () => {
    const outbox = open();
    outbox.draft = 'Half a thought';
    outbox.send({ key: 'k1', content: 'An example', createdAtMs: 0 }, chat);
    expect(outbox.draft).toBe('Half a thought');
  });

  it('moves its text with the chat that a first message makes', () => {
    const outbox = open(null);
    outbox.draft = 'First';
    outbox.send({ key: 'k1', content: 'First', createdAtMs: 0 }, { ...chat, makesChat: true });
    outbox.draft = 'Second';
    expect(afterReload(outbox)).toEqual(['First', 'Second']);
    expect(afterReload(outbox, null)).toEqual([null, '']);
  });
});
