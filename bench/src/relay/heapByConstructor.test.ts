import { expect, it } from 'vitest';
import { type HeapSnapshot, heldByConstructor, heldMore } from './heapByConstructor.ts';

/** Makes a snapshot. Each node has its kind, the index of its name, and its size. */
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

it('sums objects by constructor, and everything else by kind', () => {
  const held = heldByConstructor(snapshotOf(1, 0, 100, 1, 1, 40, 1, 0, 20, 0, 2, 8, 2, 3, 32));
  expect([...held.values()]).toEqual([
    { name: 'Socket', bytes: 120, count: 2 },
    { name: 'Chat', bytes: 40, count: 1 },
    { name: '(string)', bytes: 8, count: 1 },
    { name: '(closure)', bytes: 32, count: 1 },
  ]);
});

it('lists what one snapshot has more or less than another, largest first', () => {
  const before = heldByConstructor(snapshotOf(1, 0, 100, 0, 2, 8, 1, 1, 40));
  const after = heldByConstructor(snapshotOf(1, 0, 100, 1, 0, 100, 2, 3, 32, 0, 2, 8));
  expect(heldMore(before, after)).toEqual([
    { name: 'Socket', bytes: 100, count: 1 },
    { name: '(closure)', bytes: 32, count: 1 },
    { name: 'Chat', bytes: -40, count: -1 },
  ]);
});
