import { expect, it } from 'vitest';
import { type HeapSnapshot, heldByConstructor, heldMore } from './heapByConstructor.ts';

/** Each node: its kind, the index of its name, its size. */
const snapshotOf = (...nodes: number[]): HeapSnapshot => ({
  snapshot: {
    meta: {
      node_fields: ['type', 'name', 'self_size'],
      node_types: [['string', 'object', 'closure'], 'string', 'number'],
    },
  },
  nodes,
  strings: ['Socket', 'Chat', 'a text', 'onRead'],
});

it('sums objects by their constructor, and everything else by its kind', () => {
  const held = heldByConstructor(snapshotOf(1, 0, 100, 1, 1, 40, 1, 0, 20, 0, 2, 8, 2, 3, 32));
  expect([...held.values()]).toEqual([
    { name: 'Socket', bytes: 120, count: 2 },
    { name: 'Chat', bytes: 40, count: 1 },
    { name: '(string)', bytes: 8, count: 1 },
    { name: '(closure)', bytes: 32, count: 1 },
  ]);
});

it('tells what one snapshot has more than another, and what it has less, most first', () => {
  const before = heldByConstructor(snapshotOf(1, 0, 100, 0, 2, 8, 1, 1, 40));
  const after = heldByConstructor(snapshotOf(1, 0, 100, 1, 0, 100, 2, 3, 32, 0, 2, 8));
  expect(heldMore(before, after)).toEqual([
    { name: 'Socket', bytes: 100, count: 1 },
    { name: '(closure)', bytes: 32, count: 1 },
    { name: 'Chat', bytes: -40, count: -1 },
  ]);
});
