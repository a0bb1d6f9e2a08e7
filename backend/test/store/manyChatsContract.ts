/** Defines the contract of the store for changes of many chats at once, on any engine. */
import type { Chat } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WriteTransaction } from '../../src/database/database.ts';
import { countMarkedChats, listChats, listMarkedChats } from '../../src/store/chats/chatPages.ts';
import { findOwnChat, getChat } from '../../src/store/chats/chats.ts';
import { noteEndedAnswer } from '../../src/store/chats/endedAnswers.ts';
import {
  binChats,
  changeChats,
  deleteBinned,
  findBinnedBefore,
  listBinIds,
  restoreChats,
} from '../../src/store/chats/manyChats.ts';
import { getMessage } from '../../src/store/messages.ts';
import { insertProject } from '../../src/store/projects.ts';
import { getRun } from '../../src/store/runs.ts';
import { localOwnerId as ownerId } from '../../src/store/seed.ts';
import { type OpenDatabase, storeChat, storeMessage, storeRun } from '../testDatabase.ts';

export function describeManyChats(open: () => Promise<OpenDatabase>): void {
  describe('many chats', () => {
    let test: OpenDatabase;
    /** More than one query names. */
    let ids: string[];
    beforeEach(async () => {
      test = await open();
      ids = [];
      for (let index = 0; index < 120; index += 1) ids.unshift((await storeChat(test, index)).chatId);
    });
    afterEach(() => test.close());

    const write = <Result>(work: (transaction: WriteTransaction) => Promise<Result>) =>
      test.database.transaction(work);
    const listed = async () =>
      (await listChats(test.database.reader, ownerId, test.projectId, { limit: 500 })).chats;
    const marked = async (mark: 'pinned' | 'archived' | 'deleted') =>
      (await listMarkedChats(test.database.reader, ownerId, mark, { limit: 500 })).chats;
    const idsOf = (chats: readonly Chat[]) => chats.map(({ id }) => id);

    it('are in the bin and back as they were, with their pins and in their order', async () => {
      await write((db) => changeChats(db, { ownerId, chatIds: ids.slice(5, 8) }, { isPinned: true }, 300));
      await write((db) => changeChats(db, { ownerId, chatIds: ids.slice(8, 9) }, { isArchived: true }, 301));
      const before = {
        listed: await listed(),
        pinned: await marked('pinned'),
        archived: await marked('archived'),
      };
      const binned = await write((db) => binChats(db, { ownerId, chatIds: ids.slice(2, 112) }, 400));
      expect(idsOf(binned)).toEqual(ids.slice(2, 112));
      expect(idsOf(await listed())).toEqual([...ids.slice(0, 2), ...ids.slice(112)]);
      expect([await marked('pinned'), await marked('archived')]).toEqual([[], []]);
      expect(await countMarkedChats(test.database.reader, ownerId, 'deleted')).toBe(110);
      const restored = await write((db) => restoreChats(db, { ownerId, chatIds: idsOf(binned) }));
      expect(restored).toEqual(binned);
      const after = {
        listed: await listed(),
        pinned: await marked('pinned'),
        archived: await marked('archived'),
      };
      expect(after).toEqual(before);
    });

    it('keep the time of their first deletion, and what is not there is passed over', async () => {
      const chatIds = ids.slice(0, 2);
      await write((db) => binChats(db, { ownerId, chatIds }, 400));
      const again = await write((db) =>
        binChats(db, { ownerId, chatIds: [...ids.slice(0, 3), 'none'] }, 500),
      );
      expect(idsOf(again)).toEqual(ids.slice(2, 3));
      expect((await marked('deleted')).map(({ deletedAtMs }) => deletedAtMs)).toEqual([500, 400, 400]);
      expect(idsOf(await write((db) => restoreChats(db, { ownerId, chatIds: ids.slice(0, 9) })))).toEqual(
        ids.slice(0, 3),
      );
    });

    it('are pinned once, unpinned, and archived pins are not among the pins', async () => {
      const chatIds = ids.slice(0, 3);
      await write((db) => changeChats(db, { ownerId, chatIds: ids.slice(2, 3) }, { isPinned: true }, 300));
      await write((db) => changeChats(db, { ownerId, chatIds }, { isPinned: true }, 310));
      expect((await marked('pinned')).map(({ pinnedAtMs }) => pinnedAtMs)).toEqual([310, 310, 300]);
      await write((db) => changeChats(db, { ownerId, chatIds: ids.slice(0, 1) }, { isArchived: true }, 320));
      expect(idsOf(await marked('pinned'))).toEqual(ids.slice(1, 3));
      expect(idsOf(await listed())).not.toContain(ids[0]);
      await write((db) => changeChats(db, { ownerId, chatIds }, { isPinned: false, isArchived: false }, 330));
      expect(await marked('pinned')).toEqual([]);
      expect(idsOf(await listed())).toEqual(ids);
    });

    it.each([1, 7, 200])('are listed by their mark %i at a time, each of them once', async (limit) => {
      const chatIds = ids.slice(0, 20);
      await write((db) => binChats(db, { ownerId, chatIds }, 400));
      await write((db) => binChats(db, { ownerId, chatIds: ids.slice(20, 22) }, 401));
      const read: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await listMarkedChats(test.database.reader, ownerId, 'deleted', {
          limit,
          ...(pageToken !== undefined && { pageToken }),
        });
        expect(page.chats.length).toBeLessThanOrEqual(limit);
        read.push(...idsOf(page.chats));
        pageToken = page.nextPageToken ?? undefined;
      } while (pageToken !== undefined);
      expect(read).toEqual([...ids.slice(20, 22).toSorted().reverse(), ...chatIds.toSorted().reverse()]);
    });

    it('move to another project with their runs and in their order, and to none that does not exist', async () => {
      const other = { id: 'other-project', ownerId, name: 'Other', nowMs: 1 };
      await write((db) => insertProject(db, other));
      const { key, runId } = await storeRun(test);
      const before = await getChat(test.database.reader, key);
      const chatIds = [key.chatId, ...ids.slice(0, 110)];
      const moved = await write((db) => changeChats(db, { ownerId, chatIds }, { projectId: other.id }, 300));
      expect(moved[0]).toEqual({ ...before, projectId: other.id });
      const page = await listChats(test.database.reader, ownerId, other.id, { limit: 500 });
      expect(idsOf(page.chats)).toEqual([key.chatId, ...ids.slice(0, 110)]);
      expect(await getRun(test.database.reader, ownerId, runId)).toMatchObject({ projectId: other.id });
      await expect(
        write((db) => changeChats(db, { ownerId, chatIds }, { projectId: 'none' }, 300)),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('are unread until they are read', async () => {
      const chatIds = ids.slice(0, 2);
      const key = { ownerId, projectId: test.projectId, chatId: ids[2] ?? '' };
      const failure = { unread: 'failure' as const, usage: null };
      for (const chatId of chatIds)
        expect(await write((db) => noteEndedAnswer(db, { ...key, chatId }, failure))).toEqual(
          await getChat(test.database.reader, { ...key, chatId }),
        );
      const known = { unread: null, usage: null };
      for (const chatId of chatIds) await write((db) => noteEndedAnswer(db, { ...key, chatId }, known));
      expect(await write((db) => noteEndedAnswer(db, { ...key, ownerId: 'other' }, failure))).toBeNull();
      expect((await listed()).slice(0, 3).map(({ unread }) => unread)).toEqual(['failure', 'failure', null]);
      await write((db) => changeChats(db, { ownerId, chatIds: ids }, { isRead: true }, 300));
      expect((await listed()).filter(({ unread }) => unread !== null)).toEqual([]);
      expect(idsOf(await listed())).toEqual(ids);
    });

    it('of another user are neither found nor changed', async () => {
      const other = { ownerId: 'other', chatIds: ids };
      expect(await write((db) => changeChats(db, other, { isPinned: true }, 300))).toEqual([]);
      expect(await write((db) => binChats(db, other, 300))).toEqual([]);
      expect(idsOf(await listed())).toEqual(ids);
    });

    it('cannot be read or made again while they are in the bin', async () => {
      const key = await storeChat(test, 500);
      await write((db) => binChats(db, { ownerId, chatIds: [key.chatId] }, 600));
      await expect(getChat(test.database.reader, key)).rejects.toMatchObject({ code: 'not_found' });
      await expect(findOwnChat(test.database.reader, key)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('are deleted for good from the bin only, with their messages', async () => {
      const key = await storeChat(test, 500);
      const message = await storeMessage(test, key.chatId);
      await write((db) => binChats(db, { ownerId, chatIds: [key.chatId] }, 600));
      await write((db) => binChats(db, { ownerId, chatIds: ids.slice(0, 2) }, 700));
      const due = await findBinnedBefore(test.database.reader, 700, 10);
      expect(due).toEqual({ ownerId, chatIds: [key.chatId] });
      const deleted = await write((db) =>
        deleteBinned(db, { ownerId, chatIds: [key.chatId, ...ids.slice(2)] }),
      );
      expect(idsOf(deleted)).toEqual([key.chatId]);
      await expect(getMessage(test.database.reader, key.chatId, message.id)).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await listBinIds(test.database.reader, ownerId)).toEqual(ids.slice(0, 2).toSorted());
      expect(await findBinnedBefore(test.database.reader, 700, 10)).toBeNull();
      expect(await listed()).toHaveLength(118);
    });
  });
}
