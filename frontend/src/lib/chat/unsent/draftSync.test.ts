/** A draft is the same in every tab: what is typed reaches the server within half a second, and nothing of it is lost. */
import { RillError } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../memoryStorage.ts';
import { createDraftStore } from './draftStore.ts';
import { type DraftClient, DraftSync } from './draftSync.svelte.ts';
import { memoryUnsent } from './memoryUnsent.ts';

const ref = { projectId: 'p1', chatId: 'c1' };
const away = new RillError('internal', { message: 'The server cannot be reached.', isRetryable: true });

describe('a draft', () => {
  let server: ReturnType<typeof memoryUnsent>;
  const link = { isUp: true };
  const tabs: DraftSync[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    server = memoryUnsent();
    link.isUp = true;
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.dispose();
    vi.useRealTimers();
  });

  const client: DraftClient = {
    getDraft: async (request) => (link.isUp ? server.getDraft(request) : Promise.reject(away)),
    putDraft: async (request) => (link.isUp ? server.putDraft(request) : Promise.reject(away)),
  };

  /** A tab with a composer, in a browser whose storage is `storage`. */
  function openTab(writer: string, storage = memoryStorage()) {
    const drafts = createDraftStore(storage, writer);
    const composer = { text: '' };
    const sync = new DraftSync(
      {
        client,
        drafts,
        nowMs: () => Date.now(),
        written: () => ({ content: composer.text }),
        show: ({ content }) => (composer.text = content),
        onUnauthorized: () => undefined,
      },
      ref,
    );
    tabs.push(sync);
    composer.text = sync.restore().content;
    const type = (text: string) => {
      composer.text = text;
      sync.edited({ content: text });
    };
    return { sync, composer, type, storage };
  }
  const hear = async ({ sync }: ReturnType<typeof openTab>) => {
    const draft = server.draftsByKey.get('c1');
    if (draft) sync.takeChange({ revision: draft.revision, writer: draft.writer ?? '' });
    await vi.advanceTimersByTimeAsync(0);
  };
  const atServer = () => server.draftsByKey.get('c1')?.content;

  it('is at the server half a second after it was typed, also while the user types on', async () => {
    const tab = openTab('one');
    const puts = vi.spyOn(server, 'putDraft');
    let text = '';
    for (let count = 0; count < 40; count += 1) {
      text += 'x';
      tab.type(text);
      await vi.advanceTimersByTimeAsync(50);
      expect(text.length - (atServer() ?? '').length).toBeLessThanOrEqual(10);
    }
    expect(puts.mock.calls.length).toBeLessThan(10);
  });

  it('shows in another tab, where the user does not type', async () => {
    const [one, two] = [openTab('one'), openTab('two')];
    one.type('Hello');
    await vi.advanceTimersByTimeAsync(500);
    await hear(two);
    expect(two.composer.text).toBe('Hello');
  });

  it('is not changed while the user types, and the text from elsewhere is kept separately', async () => {
    const [one, two] = [openTab('one'), openTab('two')];
    two.type('Mine');
    await vi.advanceTimersByTimeAsync(500);
    one.type('Theirs');
    await vi.advanceTimersByTimeAsync(500);
    await hear(two);
    expect([two.composer.text, two.sync.elsewhere]).toEqual(['Mine', 'Theirs']);
    two.type('Mine!');
    await vi.advanceTimersByTimeAsync(500);
    expect(server.draftsByKey.get('c1')).toMatchObject({ content: 'Mine!', otherContent: 'Theirs' });
    two.sync.addElsewhere();
    await vi.advanceTimersByTimeAsync(500);
    expect(server.draftsByKey.get('c1')).toMatchObject({ content: 'Mine!\n\nTheirs', otherContent: '' });
    expect(two.sync.elsewhere).toBe('');
  });

  it('is kept while the server is away, and sent once it is back', async () => {
    const tab = openTab('one');
    link.isUp = false;
    tab.type('Hello');
    await vi.advanceTimersByTimeAsync(500);
    expect(atServer()).toBeUndefined();
    link.isUp = true;
    await tab.sync.sync({ isFresh: true });
    expect(atServer()).toBe('Hello');
    expect(createDraftStore(tab.storage).unsynced()).toEqual([]);
  });

  it('is sent by the page that is opened after its tab was killed', async () => {
    const killed = openTab('one');
    link.isUp = false;
    killed.type('Hello');
    await vi.advanceTimersByTimeAsync(250);
    link.isUp = true;
    const next = openTab('two', killed.storage);
    expect(next.composer.text).toBe('Hello');
    await next.sync.sync({ isFresh: true });
    expect(atServer()).toBe('Hello');
  });

  it('moves to the chat that its first message creates', async () => {
    const tab = openTab('one');
    tab.type('And a second thought');
    await vi.advanceTimersByTimeAsync(500);
    tab.sync.move({ projectId: 'p1', chatId: 'c2' }, { content: tab.composer.text });
    await tab.sync.sync();
    expect([atServer(), server.draftsByKey.get('c2')?.content]).toEqual(['', 'And a second thought']);
  });
});
