import { type ChatDetail, RillError } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  chatChange,
  exampleChat,
  exampleMessage,
  fedFeed,
  memoryHost,
  scriptedWorkspaceClient,
  takeTime,
} from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import { WorkspaceState } from './workspaceState.svelte.ts';

const networkDelayMs = 70;

describe('a chat that is opened', () => {
  let workspace: WorkspaceState;
  let reads: { readonly chatId: string; readonly isEnded: () => boolean }[];
  let refusal: RillError | null;
  const feed = fedFeed();

  function detail(chatId: string): ChatDetail {
    const message = exampleMessage({ id: `u-${chatId}`, role: 'user', content: `Text of ${chatId}` });
    return { chat: { ...exampleChat, id: chatId }, messages: [message], siblings: {}, activeRun: null };
  }

  /** What the reader sees. */
  const words = () => workspace.inView?.messages.map(({ content }) => content) ?? [];
  const open = (chatId: string) => workspace.open({ name: 'chat', projectId: 'p1', chatId });
  const pass = (durationMs: number) => vi.advanceTimersByTimeAsync(durationMs);

  beforeEach(async () => {
    vi.useFakeTimers();
    reads = [];
    refusal = null;
    const client = scriptedWorkspaceClient({
      getChat: async ({ chatId, signal }) => {
        reads.push({ chatId, isEnded: () => signal?.aborted ?? false });
        // A longer answer for c-slow, so that it comes after those that were asked for later.
        await takeTime(chatId === 'c-slow' ? 400 : networkDelayMs);
        if (refusal) throw refusal;
        return detail(chatId);
      },
    });
    client.chats = [];
    workspace = new WorkspaceState(
      workspaceTestOptions({
        client,
        router: new Router(memoryHost('/projects/p1/chats/c1')),
        newChatId: () => 'c9',
        followFeed: feed.follow,
      }),
    );
    void workspace.start();
    await pass(networkDelayMs);
    expect(words()).toEqual(['Text of c1']);
  });

  afterEach(async () => {
    workspace.dispose();
    // The answers that are not waited for.
    await pass(1000);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('leaves the previous one in view until its text is loaded', async () => {
    open('c2');
    expect(workspace.current?.chatId).toBe('c2');
    await pass(networkDelayMs - 1);
    expect(words()).toEqual(['Text of c1']);
    await pass(1);
    expect(words()).toEqual(['Text of c2']);
  });

  it('shows that it loads after 250 ms', async () => {
    open('c-slow');
    await pass(249);
    expect(words()).toEqual(['Text of c1']);
    await pass(1);
    expect(workspace.inView).toMatchObject({ chatId: 'c-slow', loading: 'loading' });
  });

  it('was read since the pointer was pressed, once', async () => {
    workspace.prepare({ projectId: 'p1', chatId: 'c2' });
    await pass(networkDelayMs);
    open('c2');
    await pass(0);
    expect(words()).toEqual(['Text of c2']);
    expect(reads.map(({ chatId }) => chatId)).toEqual(['c1', 'c2']);
  });

  it.each([
    ['unauthorized', 1],
    ['not_found', 1],
    ['server_busy', 2],
  ] as const)(
    'that could not be read ahead because of %s is asked for %i times in all',
    async (code, times) => {
      refusal = new RillError(code);
      workspace.prepare({ projectId: 'p1', chatId: 'c2' });
      await pass(networkDelayMs);
      open('c2');
      await pass(networkDelayMs);
      expect(reads.filter(({ chatId }) => chatId === 'c2')).toHaveLength(times);
    },
  );

  it('is read again when it has changed since', async () => {
    workspace.prepare({ projectId: 'p1', chatId: 'c2' });
    await pass(networkDelayMs);
    feed.tell(chatChange({ id: 'c2', updatedAtMs: 9000 }));
    open('c2');
    await pass(networkDelayMs);
    expect(reads.map(({ chatId }) => chatId)).toEqual(['c1', 'c2', 'c2']);
    expect(words()).toEqual(['Text of c2']);
  });

  it('is not kept for later', async () => {
    workspace.prepare({ projectId: 'p1', chatId: 'c2' });
    await pass(5000);
    open('c2');
    await pass(networkDelayMs);
    open('c1');
    await pass(networkDelayMs);
    open('c2');
    await pass(networkDelayMs);
    expect(reads.map(({ chatId }) => chatId)).toEqual(['c1', 'c2', 'c2', 'c1', 'c2']);
  });

  it('ends the reading of another one that was prepared', async () => {
    workspace.prepare({ projectId: 'p1', chatId: 'c2' });
    workspace.prepare({ projectId: 'p1', chatId: 'c3' });
    await pass(0);
    expect(reads.map(({ isEnded }) => isEnded())).toEqual([false, true, false]);
  });

  it('never gets the text of one that answers later', async () => {
    open('c-slow');
    await pass(100);
    open('c2');
    await pass(networkDelayMs);
    expect(words()).toEqual(['Text of c2']);
    await pass(1000);
    expect(words()).toEqual(['Text of c2']);
    expect(workspace.current?.chatId).toBe('c2');
  });

  it('is the previous one again, at once, when the reader goes back', async () => {
    const before = workspace.current;
    open('c2');
    open('c1');
    expect(workspace.current).toBe(before);
    expect(words()).toEqual(['Text of c1']);
    await pass(1000);
    expect(words()).toEqual(['Text of c1']);
  });

  it('is a new one in the same moment', () => {
    workspace.newChat('p1');
    expect(workspace.inView).toMatchObject({ chatId: null, loading: 'ready' });
  });
});
