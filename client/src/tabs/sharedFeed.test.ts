import { type FeedEvent, RillError } from '@rill/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeBrowser, type FakeTab, Fed, settle } from '../../test/fakeBrowser.ts';
import type { FeedClientEvent } from '../index.ts';
import { followSharedFeed } from './sharedFeed.ts';
import { createTabState } from './tabState.ts';

const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });
const news = (event: FeedEvent, cursor: string): FeedClientEvent => ({ type: 'feed', event, cursor });
const mayHaveMissed: FeedEvent = { type: 'feed-start', data: { isWhole: false } };

/** One tab that listens, and what it heard. */
interface Listening {
  readonly tab: FakeTab;
  readonly heard: FeedEvent[];
  readonly failures: string[];
  /** Whether the server was reached, at every change. */
  readonly lines: boolean[];
  /** How often it was told that another tab follows the feed. */
  readonly shared: () => number;
  leave(): void;
}

const feeds: { readonly feed: Fed<FeedClientEvent>; readonly cursor: string | undefined }[] = [];
const open: Listening[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.leave();
  await settle();
  expect(feeds.splice(0).filter(({ feed }) => !feed.isOver)).toEqual([]);
});

const running = () => feeds.filter(({ feed }) => !feed.isOver);

function listen(browser: FakeBrowser, options?: { hasLocks?: boolean }): Listening {
  const tab = browser.newTab(options);
  const state = createTabState(tab);
  const [heard, failures, lines]: [FeedEvent[], string[], boolean[]] = [[], [], []];
  let sharedCount = 0;
  const client = {
    followFeed({ signal, cursor }: { signal?: AbortSignal | undefined; cursor?: string } = {}) {
      const feed = new Fed<FeedClientEvent>(signal);
      feeds.push({ feed, cursor });
      return feed;
    },
  };
  const unfollow = followSharedFeed(
    { client, tab: state },
    {
      onEvent: (event) => heard.push(event),
      onConnection: (isConnected) => lines.push(isConnected),
      onFailure: ({ code }) => failures.push(code),
      onShared: () => (sharedCount += 1),
    },
  );
  const listening = {
    tab,
    heard,
    failures,
    lines,
    shared: () => sharedCount,
    leave() {
      unfollow();
      state.dispose();
    },
  };
  open.push(listening);
  return listening;
}

describe('tabs of one browser', () => {
  test('all learn when the server is gone, and when it is back', async () => {
    const browser = new FakeBrowser();
    const [one, other] = [listen(browser), listen(browser)];
    await settle();
    const states = ['connecting', 'open', 'reconnecting', 'connecting', 'reconnecting', 'stepping'] as const;
    for (const state of states) running()[0]?.feed.feed({ type: 'connection', state, attempt: 0 });
    await settle();
    expect([one.lines, other.lines]).toEqual([
      [true, false, false, true],
      [true, false, false, true],
    ]);
  });

  test('receive everything over one feed, in order', async () => {
    const browser = new FakeBrowser();
    const tabs = [listen(browser), listen(browser), listen(browser)];
    await settle();
    expect(running()).toHaveLength(1);
    running()[0]?.feed.feed(news(change('a'), 'f.1'), news(change('b'), 'f.2'));
    await settle();
    for (const { heard } of tabs) expect(heard).toEqual([change('a'), change('b')]);
  });

  test('learn that another one follows the feed, except the one that does', async () => {
    const browser = new FakeBrowser();
    const tabs = [listen(browser), listen(browser), listen(browser)];
    await settle();
    expect(tabs.map(({ shared }) => shared())).toEqual([0, 1, 1]);
  });

  test('continue from the last event when the tab that followed goes away', async () => {
    const browser = new FakeBrowser();
    const [first, second, third] = [listen(browser), listen(browser), listen(browser)];
    await settle();
    running()[0]?.feed.feed(news(change('a'), 'f.1'));
    await settle();
    first.leave();
    await settle();
    expect(running()).toMatchObject([{ cursor: 'f.1' }]);
    running()[0]?.feed.feed(news(change('b'), 'f.2'));
    await settle();
    for (const { heard } of [second, third]) expect(heard).toEqual([change('a'), change('b')]);
  });

  test('give the feed to another before they are frozen, and are told that they may have missed something', async () => {
    const browser = new FakeBrowser();
    const [first, second] = [listen(browser), listen(browser)];
    await settle();
    first.tab.freeze();
    await settle();
    running()[0]?.feed.feed(news(change('a'), 'f.1'));
    await settle();
    expect([first.heard, second.heard]).toEqual([[], [change('a')]]);
    first.tab.thaw();
    await settle();
    expect(first.heard).toEqual([mayHaveMissed]);
    expect(running()).toHaveLength(1);
  });

  test('keep the feed while they are hidden, because others hear from them', async () => {
    const browser = new FakeBrowser();
    const [first, second] = [listen(browser), listen(browser)];
    await settle();
    first.tab.hide();
    running()[0]?.feed.feed(news(change('a'), 'f.1'));
    await settle();
    expect(second.heard).toEqual([change('a')]);
  });

  test('follow one by one where there are no locks, and only while they are seen', async () => {
    const browser = new FakeBrowser();
    const [first] = [listen(browser, { hasLocks: false }), listen(browser, { hasLocks: false })];
    await settle();
    expect(running()).toHaveLength(2);
    running()[0]?.feed.feed(news(change('a'), 'f.1'));
    await settle();
    first.tab.hide();
    await settle();
    expect(running()).toHaveLength(1);
    first.tab.show();
    await settle();
    expect(feeds.at(-1)?.cursor).toBe('f.1');
  });
});

test('a refusal is reported once, and nothing more is requested', async () => {
  const only = listen(new FakeBrowser());
  await settle();
  running()[0]?.feed.fail(new RillError('unauthorized'));
  await settle();
  expect(only.failures).toEqual(['unauthorized']);
  expect(running()).toEqual([]);
});
