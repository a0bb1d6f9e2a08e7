import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  exampleChat,
  fedFeed,
  mayHaveMissed,
  memoryHost,
  scriptedWorkspaceClient,
} from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import { WorkspaceState } from './workspaceState.svelte.ts';

describe('a workspace that waits 300 ms for the feed', () => {
  let workspace: WorkspaceState | null = null;

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    workspace?.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function startWaiting() {
    const [client, feed] = [scriptedWorkspaceClient(), fedFeed()];
    const router = new Router(memoryHost('/projects/p1/chats/c1'));
    const options = { client, router, followFeed: feed.follow, feedStartWaitMs: 300 };
    const state = new WorkspaceState(workspaceTestOptions(options));
    workspace = state;
    const reads = {
      projects: vi.spyOn(client, 'listProjects'),
      chats: vi.spyOn(client, 'listChats'),
      chat: vi.spyOn(client, 'getChat'),
    };
    void state.start();
    const counts = () => Object.values(reads).map(({ mock }) => mock.calls.length);
    return { client, state, feed, counts };
  }

  it('reads the lists once, after the feed has begun, and the addressed chat before', async () => {
    const { state, feed, counts } = startWaiting();
    await vi.advanceTimersByTimeAsync(50);
    expect(counts()).toEqual([0, 0, 1]);
    expect(state.current?.loading).toBe('ready');
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(counts()).toEqual([1, 1, 1]);
    expect(state.access).toBe('ready');
  });

  it('shows a change of the chat between its reading and the begin of the feed', async () => {
    const { client, state, feed, counts } = startWaiting();
    await vi.advanceTimersByTimeAsync(50);
    const chat = { ...exampleChat, activeLeafId: 'a9', updatedAtMs: 2000 };
    client.chats = [chat];
    client.detail = { ...client.detail, chat };
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.current?.chat?.activeLeafId).toBe('a9');
    expect(counts()).toEqual([1, 1, 2]);
  });

  it('reads the lists when the feed has not begun by then, and again when it has', async () => {
    const { client, state, feed, counts } = startWaiting();
    await vi.advanceTimersByTimeAsync(300);
    expect(state.access).toBe('ready');
    const chat = { ...exampleChat, title: 'Ebb and flow' };
    client.chats = [chat];
    client.detail = { ...client.detail, chat };
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(counts().slice(0, 2)).toEqual([2, 2]);
    expect(state.chatsByProject.p1?.map(({ title }) => title)).toEqual(['Ebb and flow']);
  });

  it.each<[string, (feed: ReturnType<typeof fedFeed>) => void]>([
    ['is followed by another tab', (feed) => feed.share()],
    ['cannot be reached', (feed) => feed.connect(false)],
  ])('waits no longer when it %s', async (_name, happen) => {
    const { state, feed } = startWaiting();
    happen(feed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.access).toBe('ready');
  });
});
