/** Defines the contract of the store for messages, on any engine. */
import type { Message } from '@rill/protocol';
import { sampleUsage } from '@rill/protocol/conformance/sampleEntities.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLeaf, listSiblings } from '../../src/store/branches/messageTree.ts';
import { findFirstChildId, finishMessage, getMessage, listBranch } from '../../src/store/messages.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { type OpenDatabase, storeChat, storeMessage } from '../testDatabase.ts';

export function describeMessages(open: () => Promise<OpenDatabase>): void {
  describe('messages', () => {
    let test: OpenDatabase;
    let chatId: string;
    /** question → answer1, answer2 → (followUp1 → reply), (followUp2); answer3 came last. */
    const tree: Record<string, Message> = {};
    const idOf = (name: string) => tree[name]?.id ?? '';
    const nameOf = (id: string) => Object.keys(tree).find((name) => idOf(name) === id);

    beforeAll(async () => {
      test = await open();
      ({ chatId } = await storeChat(test));
      const parents: [name: string, parent: string | null][] = [
        ['question', null],
        ['answer1', 'question'],
        ['answer2', 'question'],
        ['followUp1', 'answer2'],
        ['reply', 'followUp1'],
        ['followUp2', 'answer2'],
        ['answer3', 'question'],
      ];
      for (const [index, [name, parent]] of parents.entries()) {
        const parentId = parent === null ? null : idOf(parent);
        tree[name] = await storeMessage(test, chatId, { parentId, content: name, createdAtMs: index });
      }
    });
    afterAll(() => test.close());

    const reader = () => test.database.reader;
    const branchTo = (name: string) => listBranch(reader(), chatId, idOf(name));

    describe('a branch', () => {
      it('leads from the root to its leaf', async () => {
        expect((await branchTo('reply')).map((message) => message.content)).toEqual([
          'question',
          'answer2',
          'followUp1',
          'reply',
        ]);
        expect((await branchTo('answer1')).map((message) => message.content)).toEqual([
          'question',
          'answer1',
        ]);
      });

      it('is empty without a leaf, and for a message of another chat', async () => {
        expect(await listBranch(reader(), chatId, null)).toEqual([]);
        const other = await storeChat(test);
        expect(await listBranch(reader(), other.chatId, idOf('reply'))).toEqual([]);
      });

      it('of a thousand messages is complete', async () => {
        const long = await storeChat(test);
        let parentId: string | null = null;
        for (let index = 0; index < 1000; index += 1) {
          parentId = (await storeMessage(test, long.chatId, { parentId, content: String(index) })).id;
        }
        const branch = await listBranch(reader(), long.chatId, parentId);
        expect(branch.map((message) => Number(message.content))).toEqual(
          Array.from({ length: 1000 }, (_, index) => index),
        );
      });
    });

    describe('siblings', () => {
      it('are listed, oldest first, for the messages that have some', async () => {
        const siblings = await listSiblings(reader(), chatId, await branchTo('reply'));
        const named = Object.entries(siblings).map(([id, ids]) => [nameOf(id), ids.map(nameOf)]);
        expect(named).toEqual([
          ['answer2', ['answer1', 'answer2', 'answer3']],
          ['followUp1', ['followUp1', 'followUp2']],
        ]);
      });

      it('start with the answer that was sent together with its question', async () => {
        expect(nameOf((await findFirstChildId(reader(), chatId, idOf('question'))) ?? '')).toBe('answer1');
        expect(await findFirstChildId(reader(), chatId, idOf('reply'))).toBeNull();
      });
    });

    describe('the leaf below a message', () => {
      it.each([
        ['question', 'answer3'],
        ['answer2', 'followUp2'],
        ['followUp1', 'reply'],
        ['reply', 'reply'],
      ])('of %s is %s: the newest, while none was shown again', async (name, leaf) => {
        expect(nameOf(await findLeaf(reader(), chatId, idOf(name)))).toBe(leaf);
      });

      it('is refused for a message of another chat', async () => {
        const other = await storeChat(test);
        await expect(findLeaf(reader(), other.chatId, idOf('question'))).rejects.toMatchObject({
          code: 'not_found',
        });
      });
    });

    describe('a finished answer', () => {
      it('is read back unchanged', async () => {
        const answer = await storeMessage(test, chatId, { parentId: idOf('question'), createdAtMs: 2 });
        const finished: Message = {
          ...answer,
          status: 'failed',
          content: 'Text 😀 \ud83d\ude00 "quoted"\n',
          reasoning: 'why',
          refusal: 'no',
          annotations: [{ url: 'https://a.example', title: '' }],
          images: [{ url: 'data:image/png;base64,AAAA' }],
          toolCalls: [{ id: '1', name: 'look', arguments: '{"a":1}' }],
          model: 'maker/model',
          provider: 'Maker',
          finishReason: 'length',
          error: { code: 'idle_timeout', message: 'Stopped.', isRetryable: true, retryAfterMs: 5 },
          usage: sampleUsage(),
          timings: { firstDeltaMs: 1, totalMs: 2 },
        };
        await test.database.transaction((transaction) => finishMessage(transaction, localOwnerId, finished));
        expect(await getMessage(reader(), chatId, answer.id)).toEqual(finished);
      });

      it('has empty lists when it has no entries', async () => {
        const { id } = await storeMessage(test, chatId, { parentId: idOf('question'), createdAtMs: 3 });
        expect(await getMessage(reader(), chatId, id)).toMatchObject({
          annotations: [],
          images: [],
          toolCalls: [],
        });
      });
    });
  });
}
