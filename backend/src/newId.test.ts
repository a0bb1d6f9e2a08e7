import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createNewId } from './newId.ts';

it('makes UUIDs of version 7 that differ, and sort in the order in which they were made', () => {
  const newId = createNewId(systemClock);
  const ids = Array.from({ length: 5000 }, newId);
  expect(new Set(ids).size).toBe(5000);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
});

it('makes ids in two processes that differ', () => {
  const [one, other] = [createNewId(systemClock), createNewId(systemClock)];
  const ids = Array.from({ length: 1000 }, () => [one(), other()]).flat();
  expect(new Set(ids).size).toBe(2000);
});
