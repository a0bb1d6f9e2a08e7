import type { JsonObject } from '@rill/protocol';
import { expect, it } from 'vitest';
import { ReasoningDetails } from './reasoningDetails.ts';

function read(fragments: readonly JsonObject[]): JsonObject[] {
  const details = new ReasoningDetails();
  for (const fragment of fragments) details.add([fragment]);
  return details.read();
}

const text = (more: JsonObject): JsonObject => ({ type: 'reasoning.text', index: 0, ...more });

it('fragments of a text are one with the signature that ends them, and what follows is another', () => {
  expect(
    read([
      text({ text: 'First ', format: 'anthropic-claude-v1', signature: null }),
      text({ text: 'this.' }),
      text({ signature: 'sig-1' }),
      text({ text: 'Then that.', signature: 'sig-2' }),
      { type: 'reasoning.encrypted', data: 'abc', id: 'r1', index: 0 },
      { type: 'reasoning.encrypted', data: 'def', id: 'r1', index: 0 },
    ]),
  ).toEqual([
    text({ text: 'First this.', format: 'anthropic-claude-v1', signature: 'sig-1' }),
    text({ text: 'Then that.', signature: 'sig-2' }),
    { type: 'reasoning.encrypted', data: 'abc', id: 'r1', index: 0 },
    { type: 'reasoning.encrypted', data: 'def', id: 'r1', index: 0 },
  ]);
});

it('summaries of one index are joined, and different ones stay apart', () => {
  expect(
    read([
      { type: 'reasoning.summary', summary: 'One ', index: 0 },
      { type: 'reasoning.summary', summary: 'two', index: 0 },
      { type: 'reasoning.summary', summary: 'three', index: 1 },
      { type: 'reasoning.encrypted', data: 'abc' },
    ]).map(({ summary }) => summary),
  ).toEqual(['One two', 'three', undefined]);
});

it('thinking that is neither signed nor encrypted is not kept, and of too much nothing is', () => {
  expect(read([text({ text: 'Plain.' })])).toEqual([]);
  expect(read([text({ text: 'x'.repeat(600_000) }), text({ signature: 'sig' })])).toEqual([]);
});
