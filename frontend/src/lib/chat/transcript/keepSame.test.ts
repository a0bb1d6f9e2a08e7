import { describe, expect, it } from 'vitest';
import { keepSame } from './keepSame.ts';

interface Item {
  readonly id: string;
  readonly usage?: { readonly tokens: number } | undefined;
  readonly parts?: readonly string[];
  readonly live?: object;
}

const keep = (known: readonly Item[], next: readonly Item[]) => keepSame(known, next, ({ id }) => id);

describe('a list that was read again', () => {
  it('has the objects that it had where nothing has changed, in its new order', () => {
    const [a, b] = [
      { id: 'a', usage: { tokens: 1 } },
      { id: 'b', parts: ['x', 'y'] },
    ] as const;
    const next = [{ id: 'b', parts: ['x', 'y'] }, { id: 'c' }, { id: 'a', usage: { tokens: 1 } }];
    const kept = keep([a, b], next);
    expect(kept[0]).toBe(b);
    expect(kept[1]).toBe(next[1]);
    expect(kept[2]).toBe(a);
    expect(kept).toEqual(next);
  });

  it.each<[string, Item, Item]>([
    ['a value', { id: 'a', usage: { tokens: 1 } }, { id: 'a', usage: { tokens: 2 } }],
    ['a field more', { id: 'a' }, { id: 'a', usage: { tokens: 1 } }],
    ['a field less', { id: 'a', usage: { tokens: 1 } }, { id: 'a' }],
    ['another field', { id: 'a', usage: undefined }, { id: 'a', parts: [] }],
    ['a part', { id: 'a', parts: ['x'] }, { id: 'a', parts: ['y'] }],
    ['a part more', { id: 'a', parts: ['x'] }, { id: 'a', parts: ['x', 'y'] }],
    ['an object with a state of its own', { id: 'a', live: new Map() }, { id: 'a', live: new Map() }],
  ])('has the new one where it differs by %s', (_name, before, after) => {
    expect(keep([before], [after])[0]).toBe(after);
  });
});
