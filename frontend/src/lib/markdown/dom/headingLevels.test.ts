import { expect, test } from 'vitest';
import { HeadingLevels } from './headingLevels.ts';

function levelsOf(...source: number[]): number[] {
  const levels = new HeadingLevels();
  return source.map((level) => levels.next(level));
}

test('the first heading is one level below the heading of the message, whatever its own level', () => {
  expect(levelsOf(1, 2, 3)).toEqual([4, 5, 6]);
  expect(levelsOf(3, 4, 3)).toEqual([4, 5, 4]);
});

test('no level is skipped, and a heading of a higher level than the first one gets the same level', () => {
  expect(levelsOf(2, 4, 6, 2)).toEqual([4, 5, 6, 4]);
  expect(levelsOf(3, 1, 2)).toEqual([4, 4, 4]);
});
