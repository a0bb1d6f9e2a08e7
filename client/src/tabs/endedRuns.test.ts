import type { Run } from '@rill/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeBrowser, settle } from '../../test/fakeBrowser.ts';
import { EndedRuns } from './endedRuns.ts';
import { createTabState } from './tabState.ts';

const run: Run = {
  id: 'r1',
  chatId: 'c1',
  projectId: 'p1',
  messageId: 'm1',
  state: 'completed',
  model: 'demo/quick',
  context: null,
  error: null,
  cancelRequestedAtMs: null,
  createdAtMs: 1000,
  endedAtMs: 2000,
};

const leaving: (() => void)[] = [];
afterEach(() => {
  for (const leave of leaving.splice(0)) leave();
});

/** A tab that shows a chat, and what it heard. */
function open(browser: FakeBrowser, chatId: string | null, options?: { hasLocks?: boolean }) {
  const tab = browser.newTab(options);
  const state = createTabState(tab);
  const heard: unknown[] = [];
  const ended = new EndedRuns(state, {
    onUnseenEnd: ({ run: { chatId }, isTeller, wasHidden }) => heard.push({ chatId, isTeller, wasHidden }),
    onSeen: (chatId) => heard.push(`${chatId} seen`),
  });
  ended.show(chatId);
  leaving.push(() => {
    ended.dispose();
    state.dispose();
  });
  return { tab, heard, ended, take: (isReader: boolean) => ended.take(run, isReader) };
}

type Open = ReturnType<typeof open>;

/** All hear of the end; the first is the one that reads the feed. */
async function endIn(...tabs: readonly Open[]): Promise<void> {
  await settle();
  for (const { heard } of tabs) heard.length = 0;
  await Promise.all(tabs.map(({ take }, index) => take(index === 0)));
  await settle();
}

describe('an answer that ended', () => {
  test('in a chat that no visible tab shows is announced once, and marked in all tabs', async () => {
    const browser = new FakeBrowser();
    const [one, other, elsewhere] = [open(browser, 'c1'), open(browser, 'c1'), open(browser, 'c2')];
    one.tab.hide();
    other.tab.hide();
    await endIn(other, one, elsewhere);
    expect(other.heard).toEqual([{ chatId: 'c1', isTeller: true, wasHidden: true }]);
    expect(one.heard).toEqual([{ chatId: 'c1', isTeller: false, wasHidden: true }]);
    expect(elsewhere.heard).toEqual([{ chatId: 'c1', isTeller: false, wasHidden: false }]);
  });

  test.each([['itself'], ['another one']])(
    'in a chat that is visible in the tab that reads the feed, or %s, is not announced',
    async (which) => {
      const browser = new FakeBrowser();
      const [one, other] = [open(browser, 'c1'), open(browser, 'c1')];
      (which === 'itself' ? other : one).tab.hide();
      await endIn(one, other);
      expect([one.heard, other.heard]).toEqual([[], []]);
    },
  );

  test('is marked until one of the tabs shows its chat and is visible', async () => {
    const browser = new FakeBrowser();
    const [one, other] = [open(browser, 'c1'), open(browser, 'c2')];
    one.tab.hide();
    await endIn(other, one);
    one.tab.show();
    await settle();
    expect([one.heard.at(-1), other.heard.at(-1)]).toEqual(['c1 seen', 'c1 seen']);
  });

  test('counts as seen where its tab became visible while another one decided', async () => {
    const browser = new FakeBrowser();
    const [reader, late] = [open(browser, 'c2'), open(browser, 'c1')];
    late.tab.hide();
    await settle();
    const decided = reader.take(true);
    late.tab.show();
    await decided;
    await settle();
    expect(reader.heard.at(-1)).toBe('c1 seen');
    expect(late.heard).not.toContainEqual(expect.objectContaining({ chatId: 'c1' }));
  });

  test('is judged by the chat that a tab shows now, not by an earlier one', async () => {
    const browser = new FakeBrowser();
    const [reader, other] = [open(browser, null), open(browser, 'c2')];
    other.ended.show('c1');
    await endIn(reader, other);
    expect(reader.heard).toEqual([]);
    other.ended.show(null);
    await endIn(reader, other);
    expect(reader.heard).toEqual([{ chatId: 'c1', isTeller: true, wasHidden: false }]);
  });

  test('does not reach a sleeping tab, which hears of the next one once it is awake', async () => {
    const browser = new FakeBrowser();
    const [reader, other] = [open(browser, null), open(browser, 'c2')];
    other.tab.freeze();
    await endIn(reader, other);
    expect(other.heard).toEqual([]);
    other.tab.thaw();
    await endIn(reader, other);
    expect(other.heard).toEqual([{ chatId: 'c1', isTeller: false, wasHidden: false }]);
  });

  test('is judged by each tab on its own where tabs cannot communicate', async () => {
    const browser = new FakeBrowser();
    const tab = open(browser, 'c1', { hasLocks: false });
    await endIn(tab);
    expect(tab.heard).toEqual([]);
    tab.tab.hide();
    await endIn(tab);
    expect(tab.heard).toEqual([{ chatId: 'c1', isTeller: true, wasHidden: true }]);
  });
});
