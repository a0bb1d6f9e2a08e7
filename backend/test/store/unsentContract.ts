/** Defines the contract of the store for drafts and queues, on any engine. */
import { maxQueuedMessages, type PutDraft } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatKey } from '../../src/store/chats/chats.ts';
import {
  addQueued,
  findNextQueued,
  getQueue,
  isNextQueued,
  listSendableQueues,
  makeQueuedDue,
  pauseQueue,
  readQueue,
  removeNextQueued,
  removeQueued,
  resumeQueue,
  updateQueued,
} from '../../src/store/unsent/chatQueues.ts';
import { type DraftKey, getDraft, putDraft } from '../../src/store/unsent/drafts.ts';
import { deleteChat, type OpenDatabase, storeChat } from '../testDatabase.ts';

export function describeUnsent(open: () => Promise<OpenDatabase>): void {
  describe('drafts', () => {
    let test: OpenDatabase;
    let key: DraftKey & ChatKey;
    beforeEach(async () => {
      test = await open();
      key = await storeChat(test);
    });
    afterEach(() => test.close());

    const put = async (fields: Partial<PutDraft>, nowMs = 1000, of: DraftKey = key) => {
      const body = { content: '', baseRevision: 0, writer: 'one', ...fields };
      const stored = await test.database.transaction((transaction) => putDraft(transaction, of, body, nowMs));
      return stored.draft;
    };

    it('are empty before the first write, and have the text of the last one', async () => {
      const empty = { content: '', otherContent: '', revision: 0, writer: null };
      expect(await getDraft(test.database.reader, key)).toEqual(empty);
      await put({ content: 'Hel' });
      await put({ content: 'Hello', baseRevision: 1 });
      const stored = { content: 'Hello', otherContent: '', revision: 2, writer: 'one' };
      expect(await getDraft(test.database.reader, key)).toEqual(stored);
    });

    it('are one for each chat, and one for the next new chat of the project', async () => {
      const forNewChat = { ...key, chatId: null };
      await put({ content: 'In the chat' });
      await put({ content: 'For a new chat' }, 1000, forNewChat);
      expect((await getDraft(test.database.reader, key)).content).toBe('In the chat');
      expect((await getDraft(test.database.reader, forNewChat)).content).toBe('For a new chat');
      expect((await getDraft(test.database.reader, { ...key, ownerId: 'another' })).content).toBe('');
    });

    it('keep a newer text that the writer had not read beside the later edit', async () => {
      await put({ content: 'From the phone', writer: 'phone' }, 1000);
      const draft = await put({ content: 'From the desk', writer: 'desk' }, 2000);
      expect(draft).toMatchObject({ content: 'From the desk', otherContent: 'From the phone', revision: 2 });
    });

    it('keep a text that comes late beside the newer one that was edited after it', async () => {
      await put({ content: 'From the phone', writer: 'phone' }, 1000);
      const draft = await put({ content: 'Written away', writer: 'desk', editedAgoMs: 5000 }, 2000);
      expect(draft).toMatchObject({
        content: 'From the phone',
        otherContent: 'Written away',
        writer: 'phone',
      });
    });

    it('keep nothing of what the winner has read, wrote itself or contains', async () => {
      await put({ content: 'A long text', writer: 'phone' });
      expect(await put({ content: 'Short', writer: 'desk', baseRevision: 1 })).toMatchObject({
        otherContent: '',
      });
      // The answer to the write before was lost on its way.
      expect(await put({ content: 'Other', writer: 'desk', baseRevision: 1 })).toMatchObject({
        otherContent: '',
      });
      expect(await put({ content: 'Other words', writer: 'phone', baseRevision: 1 })).toMatchObject({
        otherContent: '',
      });
    });

    it('keep every text that was replaced until it is discarded', async () => {
      await put({ content: 'First', writer: 'one' });
      await put({ content: 'Second', writer: 'two' });
      const { revision, otherContent } = await put({ content: 'Third', writer: 'three' });
      expect(otherContent).toBe('First\n\nSecond');
      await put({ content: 'Third!', writer: 'three', baseRevision: revision });
      expect((await getDraft(test.database.reader, key)).otherContent).toBe('First\n\nSecond');
      const last = await put({ content: 'Third!', writer: 'three', baseRevision: 4, discardsOther: true });
      expect(last.otherContent).toBe('');
    });

    it('do not change by a write of the same text', async () => {
      await put({ content: 'Same' });
      expect((await put({ content: 'Same' })).revision).toBe(1);
    });

    it('go with their chat', async () => {
      await put({ content: 'Gone' });
      await test.database.transaction((transaction) => deleteChat(transaction, key));
      expect((await getDraft(test.database.reader, key)).revision).toBe(0);
    });
  });

  describe('the queue of a chat', () => {
    let test: OpenDatabase;
    let key: ChatKey;
    beforeEach(async () => {
      test = await open();
      key = await storeChat(test);
    });
    afterEach(() => test.close());

    const add = async (content: string, fields: { key?: string } = {}): Promise<string> => {
      const id = newId();
      const message = { id, key: id, content, model: null, createdAtMs: 5, ...fields };
      await test.database.transaction((transaction) => addQueued(transaction, { ...message, ...ofChat() }));
      return id;
    };
    const ofChat = () => ({ ownerId: key.ownerId, chatId: key.chatId });
    const change = <Result>(work: (db: OpenDatabase['database']['reader']) => Promise<Result>) =>
      test.database.transaction((transaction) => work(transaction));
    const contents = async () =>
      (await getQueue(test.database.reader, key.chatId)).messages.map(({ content }) => content);

    it('has its messages in the order in which they came, each key once', async () => {
      await add('One', { key: 'k1' });
      await add('Two');
      await add('One', { key: 'k1' });
      expect(await contents()).toEqual(['One', 'Two']);
      expect((await getQueue(test.database.reader, key.chatId)).revision).toBe(2);
    });

    it('is edited, ordered and emptied', async () => {
      const [one, , three] = [await add('One'), await add('Two'), await add('Three')];
      await change((db) => updateQueued(db, key.chatId, three, { position: 0 }));
      expect(await contents()).toEqual(['Three', 'One', 'Two']);
      await change((db) => updateQueued(db, key.chatId, three, { content: '3', position: 40 }));
      expect(await contents()).toEqual(['One', 'Two', '3']);
      await change((db) => removeQueued(db, key.chatId, one));
      expect(await contents()).toEqual(['Two', '3']);
      await expect(change((db) => removeQueued(db, key.chatId, one))).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('takes no more than it may hold', async () => {
      for (let count = 0; count < maxQueuedMessages; count += 1) await add(`Message ${count}`);
      await expect(add('One too many')).rejects.toMatchObject({ code: 'queue_full' });
    });

    it('gives no next message while it is paused', async () => {
      expect(await change((db) => pauseQueue(db, key.chatId, 'failed'))).toBeNull();
      const one = await add('One');
      const revision = await change((db) => pauseQueue(db, key.chatId, 'failed'));
      expect(await getQueue(test.database.reader, key.chatId)).toMatchObject({
        pausedBy: 'failed',
        revision,
      });
      expect(await findNextQueued(test.database.reader, key.chatId)).toBeNull();
      expect(await listSendableQueues(test.database.reader, { after: null, limit: 10 })).toEqual([]);
      await change((db) => resumeQueue(db, key.chatId));
      expect(await findNextQueued(test.database.reader, key.chatId)).toMatchObject({ id: one });
      expect(await listSendableQueues(test.database.reader, { after: null, limit: 10 })).toEqual([key]);
    });

    it('is not paused before a message that is to be sent now', async () => {
      await add('One');
      const two = await add('Two');
      await change((db) => makeQueuedDue(db, key.chatId, two));
      expect(await change((db) => pauseQueue(db, key.chatId, 'cancelled'))).toBeNull();
      expect(await contents()).toEqual(['Two', 'One']);
    });

    it('gives its next message only as it was read, and counts what is taken', async () => {
      const [one, two] = [await add('One'), await add('Two')];
      await change((db) => updateQueued(db, key.chatId, one, { content: 'Edited' }));
      const queue = await readQueue(test.database.reader, key.chatId);
      expect([
        isNextQueued(queue, { id: one, content: 'One' }),
        isNextQueued(queue, { id: two, content: 'Two' }),
        isNextQueued({ ...queue, pausedBy: 'failed' }, { id: one, content: 'Edited' }),
        isNextQueued(queue, { id: one, content: 'Edited' }),
      ]).toEqual([false, false, false, true]);
      const revision = await change((db) => removeNextQueued(db, queue));
      expect(await getQueue(test.database.reader, key.chatId)).toMatchObject({
        messages: [{ id: two, content: 'Two' }],
        revision,
      });
    });

    it('is paused behind a refused message, which then waits like any other', async () => {
      const one = await add('One');
      await change((db) => makeQueuedDue(db, key.chatId, one));
      expect(await change((db) => pauseQueue(db, key.chatId, 'refused', 'Too long.'))).not.toBeNull();
      expect(await getQueue(test.database.reader, key.chatId)).toMatchObject({
        pausedBy: 'refused',
        problem: 'Too long.',
      });
      await change((db) => resumeQueue(db, key.chatId));
      expect(await change((db) => pauseQueue(db, key.chatId, 'failed'))).not.toBeNull();
    });
  });
}
