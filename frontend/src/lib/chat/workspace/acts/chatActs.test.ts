import type { Chat } from '@rill/protocol';
import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { exampleChat } from '../../chatTestBench.ts';
import { ChatActs, type ChatActsOptions } from './chatActs.svelte.ts';

const chats: readonly Chat[] = ['c1', 'c2', 'c3'].map((id) => ({ ...exampleChat, id, pinnedAtMs: 5 }));

function setUp(client: Partial<ChatActsOptions['client']> = {}) {
  const listed = new Map<string, Chat>(chats.map((chat) => [chat.id, chat]));
  const reopened: string[] = [];
  const calls: string[] = [];
  const answer =
    (name: string) =>
    async ({ chatIds }: { chatIds: string[] }) => {
      calls.push(`${name} ${chatIds.join(' ')}`);
      return { chatIds };
    };
  const acts = new ChatActs({
    client: {
      updateChats: answer('update'),
      deleteChats: answer('delete'),
      restoreChats: answer('restore'),
      listMarkedChats: async () => ({ chats: [], nextPageToken: null, totalCount: 0 }),
      emptyBin: async () => ({ chatIds: [] }),
      ...client,
    },
    lists: {
      keepChats: (kept) => {
        for (const chat of kept) listed.set(chat.id, chat);
      },
      keepRestored: (kept) => {
        for (const chat of kept) listed.set(chat.id, chat);
      },
      dropChats: (ids) => {
        for (const id of ids) listed.delete(id);
      },
    },
    nowMs: () => 9,
    attempt: async (action) => {
      try {
        await action();
        return true;
      } catch {
        return false;
      }
    },
    leave: (left) => left.find(({ id }) => id === 'c2') ?? null,
    reopen: ({ id }) => reopened.push(id),
  });
  return { acts, reopened, calls, listed: () => [...listed.values()] };
}
const refuse = () => Promise.reject(new RillError('internal'));

describe('many chats', () => {
  it('are deleted on the page before the one request is answered, and restored unchanged by one undo', async () => {
    const { acts, calls, listed, reopened } = setUp();
    const deleting = acts.delete(chats);
    expect(listed()).toEqual([]);
    await deleting;
    expect(acts.lastAct).toMatchObject({ type: 'deleted', chats });
    await acts.undo();
    expect(listed()).toEqual(chats);
    expect(reopened).toEqual(['c2']);
    expect(calls).toEqual(['delete c1 c2 c3', 'restore c1 c2 c3']);
    expect(acts.lastAct).toBeNull();
  });

  it('that could not be deleted are shown again, with nothing to undo', async () => {
    const { acts, listed, reopened } = setUp({ deleteChats: refuse });
    await acts.delete(chats);
    expect(listed()).toEqual(chats);
    expect(reopened).toEqual(['c2']);
    expect(acts.lastAct).toBeNull();
  });

  it('are archived with an undo that keeps their pins', async () => {
    const { acts, listed } = setUp();
    await acts.archive(chats, true);
    expect(listed().map(({ archivedAtMs }) => archivedAtMs)).toEqual([9, 9, 9]);
    await acts.undo();
    expect(listed()).toEqual(chats);
  });

  it('are moved together, and back to where each was', async () => {
    const { acts, listed } = setUp();
    await acts.move(chats, 'p2');
    expect(listed().map(({ projectId }) => projectId)).toEqual(['p2', 'p2', 'p2']);
    await acts.undo();
    expect(listed()).toEqual(chats);
  });

  it('that could not be pinned are as they were', async () => {
    const { acts, listed } = setUp({ updateChats: refuse });
    await acts.pin(chats, false);
    expect(listed()).toEqual(chats);
  });

  it('that could not be restored can be restored from the bin later', async () => {
    const { acts, listed } = setUp({ restoreChats: refuse });
    await acts.delete(chats);
    await acts.undo();
    expect(listed()).toEqual([]);
  });
});
