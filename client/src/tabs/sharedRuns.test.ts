import { type DecodedFrame, emptyRunView, foldFrame, type RunView } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeBrowser, type FakeTab, Fed, settle } from '../../test/fakeBrowser.ts';
import type { ClientEvent, SharedRunEvent } from '../index.ts';
import { shareRuns } from './sharedRuns.ts';
import { createTabState, type TabState } from './tabState.ts';

/** One stream that a tab opened, which the test feeds with the frames of its run. */
class OpenedStream {
  readonly fed: Fed<ClientEvent>;
  readonly runId: string;
  readonly isSend: boolean;
  /** How much of the answer the stream was asked to continue from. */
  readonly startLength: number;
  #view: RunView;

  constructor(signal: AbortSignal | undefined, view: RunView, isSend: boolean) {
    this.fed = new Fed<ClientEvent>(signal);
    this.runId = view.cursor.runId;
    this.isSend = isSend;
    this.startLength = view.content.length;
    this.#view = view;
  }

  /** Sends the frames that are missing of a run whose answer so far is in these chunks. */
  tell(chunks: readonly string[], ending: 'completed' | null = null): void {
    const steps = chunks.map((text): Step => ({ kind: 'chunk', text }));
    for (const frame of buildLog(steps, ending, this.runId) as DecodedFrame[]) {
      const view = foldFrame(this.#view, frame);
      if (view === this.#view) continue;
      this.#view = view;
      this.fed.feed({ type: 'frame', frame, view });
    }
    if (ending) this.fed.end();
  }
}

const streams: OpenedStream[] = [];
const states: TabState[] = [];
const watching: AbortController[] = [];
afterEach(async () => {
  for (const each of watching.splice(0)) each.abort();
  await settle();
  for (const state of states.splice(0)) state.dispose();
  expect(streams.splice(0).filter(({ fed }) => !fed.isOver)).toEqual([]);
});

const running = () => streams.filter(({ fed }) => !fed.isOver);

interface Watched {
  readonly tab: FakeTab;
  readonly events: SharedRunEvent[];
  readonly content: () => string;
  readonly isQueued: () => boolean;
  leave(): void;
}

function watch(browser: FakeBrowser, runId: string, isSend = false): Watched {
  const tab = browser.newTab();
  const state = createTabState(tab);
  states.push(state);
  const chatIds = { projectId: 'p', chatId: 'c' };
  const open = (signal: AbortSignal | undefined, view: RunView, isPost: boolean) => {
    const stream = new OpenedStream(signal, view, isPost);
    streams.push(stream);
    return stream.fed;
  };
  const runs = shareRuns({
    client: {
      sendMessageStream: ({ signal }) => open(signal, emptyRunView(runId), true),
      resumeStream: ({ signal, view }) => open(signal, view ?? emptyRunView(runId), false),
    },
    tab: state,
  });
  const controller = new AbortController();
  watching.push(controller);
  const { signal } = controller;
  const events: SharedRunEvent[] = [];
  const iteration = isSend
    ? runs.sendMessageStream({ ...chatIds, content: 'Hi', signal })
    : runs.resumeStream({ ...chatIds, runId, signal });
  const reading = (async () => {
    for await (const event of iteration) events.push(event);
  })();
  void reading;
  return {
    tab,
    events,
    content: () => events.findLast((event) => 'view' in event)?.view.content ?? '',
    isQueued: () => events.some(({ type }) => type === 'queued'),
    leave: () => controller.abort(),
  };
}

/** Several turns, because a scope ends, a lock is released and the next one is taken one after another. */
async function settleAll(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await settle();
}

describe('a run that several tabs show', () => {
  test('is read once, and all of them show the same', async () => {
    const browser = new FakeBrowser();
    const tabs = [watch(browser, 'r1'), watch(browser, 'r1'), watch(browser, 'r1')];
    await settleAll();
    expect(running()).toHaveLength(1);
    running()[0]?.tell(['a', 'b']);
    await settleAll();
    for (const { content } of tabs) expect(content()).toBe('ab');
    running()[0]?.tell(['a', 'b', 'c'], 'completed');
    await settleAll();
    for (const { content, events } of tabs) {
      expect(content()).toBe('abc');
      expect(events.findLast((event) => 'view' in event)?.view.status).toBe('completed');
    }
  });

  test('is complete for a tab that joins late', async () => {
    const browser = new FakeBrowser();
    watch(browser, 'r1');
    await settleAll();
    running()[0]?.tell(['a', 'b']);
    await settleAll();
    const late = watch(browser, 'r1');
    await settleAll();
    expect(late.content()).toBe('ab');
    running()[0]?.tell(['a', 'b', 'c']);
    await settleAll();
    expect(late.content()).toBe('abc');
  });

  test('is read by another tab, from its own position, when the one that reads is closed', async () => {
    const browser = new FakeBrowser();
    const [first, second] = [watch(browser, 'r1'), watch(browser, 'r1')];
    await settleAll();
    running()[0]?.tell(['a', 'b']);
    await settleAll();
    first.leave();
    await settleAll();
    expect(running()).toMatchObject([{ startLength: 2 }]);
    running()[0]?.tell(['a', 'b', 'c'], 'completed');
    await settleAll();
    expect(second.content()).toBe('abc');
  });

  test('is not read for a hidden tab, and continues from its view when the tab is visible again', async () => {
    const browser = new FakeBrowser();
    const only = watch(browser, 'r1');
    await settleAll();
    running()[0]?.tell(['a']);
    await settleAll();
    only.tab.hide();
    await settleAll();
    expect(running()).toEqual([]);
    only.tab.show();
    await settleAll();
    expect(running()).toMatchObject([{ startLength: 1, isSend: false }]);
  });
});

describe('runs of many tabs', () => {
  test('have three streams; the others wait, and say so, until one is free', async () => {
    const browser = new FakeBrowser();
    const tabs = ['r1', 'r2', 'r3', 'r4'].map((runId) => watch(browser, runId));
    await settleAll();
    expect(running().map(({ runId }) => runId)).toEqual(['r1', 'r2', 'r3']);
    expect(tabs.map(({ isQueued }) => isQueued())).toEqual([false, false, false, true]);
    running()[0]?.tell(['a'], 'completed');
    await settleAll();
    expect(running().map(({ runId }) => runId)).toEqual(['r2', 'r3', 'r4']);
  });

  test('are sent although no stream is free: the send closes its connection after the first frame', async () => {
    const browser = new FakeBrowser();
    for (const runId of ['r1', 'r2', 'r3']) watch(browser, runId);
    await settleAll();
    const sender = watch(browser, 'r4', true);
    await settleAll();
    const sent = streams.find(({ isSend }) => isSend);
    sent?.tell([]);
    await settleAll();
    expect(sent?.fed.isOver).toBe(true);
    expect(sender.events.some(({ type }) => type === 'frame')).toBe(true);
    expect(sender.isQueued()).toBe(true);
    running()[0]?.tell(['a'], 'completed');
    await settleAll();
    expect(running().map(({ runId }) => runId)).toContain('r4');
  });
});

test('a send that has a stream keeps it to the end, and another tab follows it', async () => {
  const browser = new FakeBrowser();
  const sender = watch(browser, 'r1', true);
  await settleAll();
  streams[0]?.tell(['a']);
  await settleAll();
  const other = watch(browser, 'r1');
  await settleAll();
  streams[0]?.tell(['a', 'b'], 'completed');
  await settleAll();
  expect([sender.content(), other.content()]).toEqual(['ab', 'ab']);
  expect(streams).toHaveLength(1);
});
