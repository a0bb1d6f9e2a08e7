/** Tests that no parser fails on anything that JSON can be, and that what it gives is always a tree in its order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importProducts } from '../form/importedChat.ts';
import { fieldsOf } from '../form/untrusted.ts';
import { parseConversation } from './parseConversation.ts';

/** Keys and words that the parsers look for, so that random JSON reaches all of them. */
const words = [
  'mapping chat_messages chat history messages messagesTree children childrenIds parent parentId parent_message_uuid',
  'parentMessageId ancestors id uuid messageId conversationId _id content parts content_type text thoughts author role',
  'metadata recipient channel all final user assistant tool system human sender from content_references matched_text items',
  'attachments files name url type output think tool_call artifacts input create_time created_at timestamp currentId',
  'current_node weight citations start_ix end_ix multimodal_text code execution_output asset_pointer __proto__ constructor',
].flatMap((line) => line.split(' '));

const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(
        null,
        true,
        0,
        -1,
        1.5e9,
        1.7e12,
        1e300,
        '',
        'a',
        'q1',
        '<think>',
        '\ue200cite\ue201',
        '【1†a】',
      ),
      fc.constantFrom(...words),
    ),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words, 'q1', 'a'), tie('json'), { maxKeys: 5 }),
  ),
}));

describe('any JSON', () => {
  it.each(importProducts)(
    'is read by the parser of %s without an error, as messages below those they follow',
    (product) => {
      fc.assert(
        fc.property(json, (value) => {
          // As it comes from a file: with own keys of any name.
          const read: unknown = JSON.parse(JSON.stringify(value));
          const { chat, id } = parseConversation(product, fieldsOf(read), { fallbackTimeMs: 1 });
          expect(id).not.toBe('');
          const times = new Map<string, number>();
          for (const { id: messageId, parentId, createdAtMs } of chat?.messages ?? []) {
            expect(times.has(messageId)).toBe(false);
            expect(createdAtMs).toBeGreaterThanOrEqual(
              parentId === null ? 0 : (times.get(parentId) ?? Infinity),
            );
            times.set(messageId, createdAtMs);
          }
          expect(chat === null || (chat.leafId !== null && times.has(chat.leafId))).toBe(true);
        }),
        { numRuns: 3000 },
      );
    },
  );
});
