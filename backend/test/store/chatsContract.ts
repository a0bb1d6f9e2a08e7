/** Defines the contract of the store for chats, on any engine. */
import type { Usage } from '@rill/protocol';
import { sampleUsage } from '@rill/protocol/conformance/sampleEntities.ts';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WriteTransaction } from '../../src/database/database.ts';
import { listChats } from '../../src/store/chats/chatPages.ts';
import { getChat, updateChat } from '../../src/store/chats/chats.ts';
import { noteEndedAnswer } from '../../src/store/chats/endedAnswers.ts';
import { finishMessage, insertMessage, setUsage } from '../../src/store/messages.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { type OpenDatabase, storeChat, storeMessage, storeRun } from '../testDatabase.ts';

export function describeChats(open: () => Promise<OpenDatabase>): void {
  describe('a list of chats', () => {
    let test: OpenDatabase;
    const ids: string[] = [];
    beforeAll(async () => {
      test = await open();
      // Three chats share one time, so that only their ids order them.
      for (const nowMs of [1, 5, 5, 5, 9, 12, 13]) ids.unshift((await storeChat(test, nowMs)).chatId);
    });
    afterAll(() => test.close());

    const list = (page: { limit: number; pageToken?: string }, projectId = test.projectId) =>
      listChats(test.database.reader, localOwnerId, projectId, page);

    it('has the last changed first', async () => {
      const { chats, nextPageToken } = await list({ limit: 10 });
      expect(chats.map((chat) => chat.id)).toEqual(ids);
      expect(nextPageToken).toBeNull();
    });

    it.each([1, 2, 3, 6, 7])(
      'read %i at a time is complete, in order and without a repeat',
      async (limit) => {
        const read: string[] = [];
        let pageToken: string | undefined;
        do {
          const page = await list({ limit, ...(pageToken !== undefined && { pageToken }) });
          expect(page.chats.length).toBeLessThanOrEqual(limit);
          read.push(...page.chats.map((chat) => chat.id));
          pageToken = page.nextPageToken ?? undefined;
        } while (pageToken !== undefined);
        expect(read).toEqual(ids);
      },
    );

    it.each(['x', '1', '1.', '.a', '-1.a', '1.a.b', '1.a;b', ' 1.a', `${'1'.repeat(16)}.a`])(
      'refuses the page token %j',
      async (pageToken) => {
        await expect(list({ limit: 1, pageToken })).rejects.toMatchObject({ code: 'bad_request' });
      },
    );

    it('is empty for another project', async () => {
      expect(await list({ limit: 10 }, 'another')).toEqual({ chats: [], nextPageToken: null });
    });
  });

  describe('a chat', () => {
    let test: OpenDatabase;
    beforeAll(async () => {
      test = await open();
    });
    afterAll(() => test.close());

    it('names the run that is being written, and none after its end', async () => {
      const { key, runId } = await storeRun(test);
      expect((await getChat(test.database.reader, key)).activeRunId).toBe(runId);
      const ended = await storeRun(test, { ended_at_ms: 5 });
      expect((await getChat(test.database.reader, ended.key)).activeRunId).toBeNull();
    });

    it('belongs to its owner and its project only', async () => {
      const key = await storeChat(test);
      const get = (wrong: object) => getChat(test.database.reader, { ...key, ...wrong });
      await expect(get({ ownerId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(get({ projectId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(get({ chatId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
    });

    it('keeps the fields that a change does not name', async () => {
      const key = await storeChat(test);
      const change = (fields: Parameters<typeof updateChat>[2], nowMs: number) =>
        test.database.transaction((transaction) => updateChat(transaction, key, fields, nowMs));
      await change({ title: ' Title ', model: 'demo/quick' }, 5);
      expect(await change({ model: null }, 6)).toMatchObject({ title: 'Title', model: null, updatedAtMs: 6 });
      await expect(
        test.database.transaction((transaction) =>
          updateChat(transaction, { ...key, ownerId: 'another' }, { title: 'stolen' }, 7),
        ),
      ).rejects.toMatchObject({ code: 'not_found' });
      expect((await getChat(test.database.reader, key)).title).toBe('Title');
    });

    it('knows what its answers cost, and what of that is uncertain, without its copies', async () => {
      const { key, answer } = await storeRun(test);
      const costOf = async () => (await getChat(test.database.reader, key)).cost;
      const usage = (costUsd: number | null, estimated: boolean): Usage => ({
        ...sampleUsage(),
        costUsd,
        estimated,
      });
      const write = (work: (transaction: WriteTransaction) => Promise<unknown>) =>
        test.database.transaction(work);
      const finish = (id: string, used: Usage | null) =>
        write(async (transaction) => {
          const ended = { ...answer, id, status: 'completed' as const, usage: used };
          await finishMessage(transaction, key.ownerId, ended);
          const chat = await noteEndedAnswer(transaction, key, { unread: null, usage: used });
          expect(chat).toEqual(await getChat(transaction, key));
        });
      expect(await costOf()).toBeUndefined();
      await finish(answer.id, usage(0.5, true));
      expect(await costOf()).toEqual({ costUsd: 0.5, estimated: true });
      await write((transaction) => setUsage(transaction, answer.id, usage(0.25, false)));
      expect(await costOf()).toEqual({ costUsd: 0.25, estimated: false });
      await write((transaction) => setUsage(transaction, answer.id, usage(0.25, false)));
      expect(await costOf()).toEqual({ costUsd: 0.25, estimated: false });
      const unknown = await storeMessage(test, key.chatId, {
        parentId: answer.parentId,
        status: 'streaming',
      });
      await finish(unknown.id, usage(null, true));
      expect(await costOf()).toEqual({ costUsd: 0.25, estimated: true });
      await write((transaction) => setUsage(transaction, unknown.id, usage(1, false)));
      expect(await costOf()).toEqual({ costUsd: 1.25, estimated: false });
      await write((transaction) =>
        insertMessage(
          transaction,
          key.ownerId,
          { ...answer, id: newId(), status: 'completed', usage: usage(8, false) },
          { copy_of: answer.id, copy_kind: 'edit' },
        ),
      );
      await write((transaction) => setUsage(transaction, answer.id, usage(0.5, false)));
      expect(await costOf()).toEqual({ costUsd: 1.5, estimated: false });
    });
  });
}
