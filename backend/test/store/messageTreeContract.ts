/** Defines the contract of the store for deleted, copied and edited messages, on any engine. */
import type { Message } from '@rill/protocol';
import { sampleUsage } from '@rill/protocol/conformance/sampleEntities.ts';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyBranch, insertEditedAnswer } from '../../src/store/branches/messageCopies.ts';
import {
  deleteMessages,
  findLeaf,
  findSubstitute,
  isBelow,
  listDeleted,
  listSiblings,
  markShown,
  restoreMessages,
} from '../../src/store/branches/messageTree.ts';
import { getChat, insertChat } from '../../src/store/chats/chats.ts';
import { binChats } from '../../src/store/chats/manyChats.ts';
import { getMessage, listBranch, listOtherUsages, setUsage } from '../../src/store/messages.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { deleteChat, type OpenDatabase, storeChat, storeMessage } from '../testDatabase.ts';

export function describeMessageTree(open: () => Promise<OpenDatabase>): void {
  describe('a tree of messages', () => {
    let test: OpenDatabase;
    let chatId: string;
    /** question → (answer1 → followUp → reply), answer2. */
    let tree: Record<'question' | 'answer1' | 'followUp' | 'reply' | 'answer2', Message>;

    beforeAll(async () => {
      test = await open();
    });
    afterAll(() => test.close());
    beforeEach(async () => {
      ({ chatId } = await storeChat(test));
      const store = (role: Message['role'], content: string, parent?: Message) =>
        storeMessage(test, chatId, {
          role,
          content,
          parentId: parent?.id ?? null,
          status: 'completed',
          usage: role === 'assistant' ? sampleUsage({ costUsd: 0.5, estimated: true }) : null,
        });
      const question = await store('user', 'question');
      const answer1 = await store('assistant', 'answer1', question);
      const followUp = await store('user', 'followUp', answer1);
      const reply = await store('assistant', 'reply', followUp);
      const answer2 = await store('assistant', 'answer2', question);
      tree = { question, answer1, followUp, reply, answer2 };
    });

    const reader = () => test.database.reader;
    const write: OpenDatabase['database']['transaction'] = (work) =>
      test.database.transaction(work, 'process-death');
    const remove = (message: Message) =>
      write((transaction) => deleteMessages(transaction, chatId, message.id, 7));
    const restore = (message: Message) =>
      write((transaction) => restoreMessages(transaction, chatId, message.id));

    it('comes back to the leaf that was shown last, not to the newest', async () => {
      expect(await findLeaf(reader(), chatId, tree.question.id)).toBe(tree.answer2.id);
      await write((transaction) => markShown(transaction, tree.reply.id, newId()));
      expect(await findLeaf(reader(), chatId, tree.question.id)).toBe(tree.reply.id);
    });

    it('tells what lies below a message', async () => {
      expect(await isBelow(reader(), chatId, tree.reply.id, tree.answer1.id)).toBe(true);
      expect(await isBelow(reader(), chatId, tree.reply.id, tree.reply.id)).toBe(true);
      expect(await isBelow(reader(), chatId, tree.answer2.id, tree.answer1.id)).toBe(false);
    });

    it('loses a message with all below it, and gets back exactly those', async () => {
      expect(await findSubstitute(reader(), chatId, tree.answer1)).toBe(tree.answer2.id);
      expect(await findSubstitute(reader(), chatId, tree.reply)).toBe(tree.followUp.id);
      expect(await remove(tree.reply)).toBe(1);
      expect(await remove(tree.answer1)).toBe(2);
      expect(await findLeaf(reader(), chatId, tree.question.id)).toBe(tree.answer2.id);
      expect(await listSiblings(reader(), chatId, [tree.answer2])).toEqual({});
      const refused = findLeaf(reader(), chatId, tree.followUp.id);
      await expect(refused).rejects.toMatchObject({ code: 'not_found' });
      expect(await restore(tree.answer1)).toBe(2);
      expect(await findLeaf(reader(), chatId, tree.answer1.id)).toBe(tree.followUp.id);
      expect(await restore(tree.reply)).toBe(1);
      expect(await findLeaf(reader(), chatId, tree.answer1.id)).toBe(tree.reply.id);
    });

    it('lists what can be restored, and restores nothing below what is deleted', async () => {
      await remove(tree.reply);
      await remove(tree.answer1);
      expect(await listDeleted(reader(), chatId)).toEqual([
        {
          messageId: tree.answer1.id,
          role: 'assistant',
          excerpt: 'answer1',
          messageCount: 2,
          deletedAtMs: 7,
        },
      ]);
      await expect(restore(tree.reply)).rejects.toMatchObject({ code: 'bad_request' });
      await expect(restore(tree.followUp)).rejects.toMatchObject({ code: 'bad_request' });
      await expect(restore(tree.question)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('still counts what deleted answers cost', async () => {
      await remove(tree.answer2);
      const others = await listOtherUsages(reader(), chatId, [tree.question, tree.answer1]);
      expect(Object.keys(others).sort()).toEqual([tree.reply.id, tree.answer2.id].sort());
    });

    it('is copied as one branch, whose usage follows that of the originals and is not counted again', async () => {
      const key = { ownerId: localOwnerId, projectId: test.projectId, chatId: newId() };
      const forkedFrom = { chatId, messageId: tree.followUp.id };
      const branch = [tree.question, tree.answer1, tree.followUp];
      const leafId = await write(async (transaction) => {
        await insertChat(transaction, { ...key, title: 'Copy', model: null, forkedFrom, nowMs: 2 });
        return copyBranch(
          transaction,
          branch.map(({ id }) => id),
          { chatId: key.chatId, newId },
        );
      });
      const usage = sampleUsage({ costUsd: 0.25, estimated: false });
      await write((transaction) => setUsage(transaction, tree.answer1.id, usage));
      const copies = await listBranch(reader(), key.chatId, leafId);
      expect(copies.map(({ content, copyOf, usage }) => [content, copyOf, usage])).toEqual([
        ['question', tree.question.id, null],
        ['answer1', tree.answer1.id, usage],
        ['followUp', tree.followUp.id, null],
      ]);
      expect(await listOtherUsages(reader(), key.chatId, [])).toEqual({});
      const original = { ...forkedFrom, projectId: test.projectId, title: '' };
      expect((await getChat(reader(), key)).forkedFrom).toEqual(original);
      await write((transaction) => binChats(transaction, { ownerId: localOwnerId, chatIds: [chatId] }, 20));
      expect(await getChat(reader(), key)).not.toHaveProperty('forkedFrom');
      await write((transaction) => deleteChat(transaction, { ...key, chatId }));
      expect(await getChat(reader(), key)).not.toHaveProperty('forkedFrom');
      expect(await listBranch(reader(), key.chatId, leafId)).toEqual(copies);
    });

    it('gets the version that the user makes of an answer, with the receipt of all its parts', async () => {
      const parts = [tree.answer1, tree.answer2].map(({ id }) => id);
      const edit = { id: newId(), ownerId: localOwnerId, chatId, content: 'mine', nowMs: 9 };
      const edited = await write((transaction) =>
        insertEditedAnswer(transaction, { ...edit, partIds: parts }),
      );
      expect(edited).toMatchObject({ parentId: tree.question.id, content: 'mine', isEdited: true });
      expect(edited.usage?.costUsd).toBe(1);
      expect(await getMessage(reader(), chatId, edit.id)).toEqual(edited);
      await write((transaction) => setUsage(transaction, tree.answer1.id, sampleUsage()));
      expect((await getMessage(reader(), chatId, edit.id)).usage).toEqual(edited.usage);
    });
  });
}
