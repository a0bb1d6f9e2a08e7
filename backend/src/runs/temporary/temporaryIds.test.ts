import { madeIdPattern } from '@rill/protocol';
import { expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { createNewId } from '../../newId.ts';
import { markOf, readMark, temporaryIds } from './temporaryIds.ts';

it('are UUIDs that differ, sort in their order, and say who keeps them', () => {
  const newId = temporaryIds(createNewId(systemClock), 'a-boot');
  const ids = Array.from({ length: 5000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every((id) => new RegExp(madeIdPattern).test(id))).toBe(true);
  expect(new Set(ids.map(readMark))).toEqual(new Set([markOf('a-boot')]));
  expect(markOf('a-boot')).not.toBe(markOf('another-boot'));
});

it('are not taken for other ids', () => {
  const newId = createNewId(systemClock);
  const ids = Array.from({ length: 100 }, newId);
  // One of 65,536 ends like them.
  expect(ids.filter((id) => readMark(id) !== null).length).toBeLessThan(3);
});
