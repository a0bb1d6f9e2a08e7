import type { Chat } from '@rill/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exampleChat, exampleProject } from '../chatTestBench.ts';
import { WorkspaceLists } from './workspaceLists.svelte.ts';

const chatAt = (updatedAtMs: number): Chat => ({ ...exampleChat, id: `c${updatedAtMs}`, updatedAtMs });

/** A server that pages as the real one does: the last changed first, by time and id. */
function serverOf(count: number) {
  const stored = Array.from({ length: count }, (_, index) => chatAt(count - index));
  const listChats = vi.fn(async ({ limit = 200, pageToken }: { limit?: number; pageToken?: string }) => {
    const rest = stored.filter(({ updatedAtMs }) => !pageToken || updatedAtMs < Number(pageToken));
    const chats = rest.slice(0, limit);
    const last = chats.at(-1);
    return { chats, nextPageToken: last && rest.length > limit ? String(last.updatedAtMs) : null };
  });
  const listMarkedChats = async () => ({ chats: [], nextPageToken: null, totalCount: 0 });
  return { stored, listChats, listMarkedChats, listProjects: async () => ({ projects: [exampleProject] }) };
}

describe('the chats of a project', () => {
  let lists: WorkspaceLists | null = null;
  const open = async (count: number) => {
    const server = serverOf(count);
    const onFailure = vi.fn();
    lists = new WorkspaceLists({ client: server, onFailure });
    await lists.read();
    const ids = () => (lists?.chatsByProject.p1 ?? []).map(({ id }) => id);
    return { lists, server, ids, onFailure };
  };
  afterEach(() => {
    lists?.dispose();
    lists = null;
  });

  it('can all be reached, each once, however many there are', async () => {
    const { lists, server, ids } = await open(1234);
    expect(ids()).toHaveLength(100);
    while (lists.hasMoreChats('p1')) await lists.loadMoreChats('p1');
    expect(ids()).toEqual(server.stored.map(({ id }) => id));
  });

  it('are whole at once where a page holds them', async () => {
    const { lists, ids } = await open(100);
    expect(ids()).toHaveLength(100);
    expect(lists.hasMoreChats('p1')).toBe(false);
  });

  it('stay when they are read again', async () => {
    const { lists, ids } = await open(350);
    await lists.loadMoreChats('p1');
    await lists.read();
    expect(ids()).toHaveLength(200);
    while (lists.hasMoreChats('p1')) await lists.loadMoreChats('p1');
    expect(new Set(ids()).size).toBe(350);
  });

  it('are right when some change or go while older ones are on their way', async () => {
    const { lists, ids } = await open(300);
    const loading = lists.loadMoreChats('p1');
    lists.keepChat({ ...chatAt(150), title: 'Changed', updatedAtMs: 5000 });
    lists.dropChats(['c140']);
    await loading;
    expect(ids().filter((id) => id === 'c150')).toHaveLength(1);
    expect(lists.chatsByProject.p1?.find(({ id }) => id === 'c150')?.title).toBe('Changed');
    expect(ids()).not.toContain('c140');
  });

  it('are back after an undo as they were, or as the feed has reported since', async () => {
    const { lists, ids } = await open(3);
    const deleted = lists.chatsByProject.p1 ?? [];
    lists.dropChats(['c3', 'c2']);
    expect(ids()).toEqual(['c1']);
    const pinned = { ...chatAt(2), pinnedAtMs: 9 };
    lists.takeNews({ type: 'chat-change', data: { chat: pinned } });
    lists.keepRestored(deleted);
    expect(ids()).toContain('c3');
    expect(lists.pinned).toEqual([pinned]);
  });

  it('are requested one at a time, and again after a failure', async () => {
    const { lists, server, ids, onFailure } = await open(300);
    server.listChats.mockRejectedValueOnce(new Error('down'));
    await Promise.all([lists.loadMoreChats('p1'), lists.loadMoreChats('p1')]);
    expect(server.listChats).toHaveBeenCalledTimes(2);
    expect(onFailure).toHaveBeenCalledOnce();
    await lists.loadMoreChats('p1');
    expect(ids()).toHaveLength(200);
  });
});
