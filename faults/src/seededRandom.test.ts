import { expect, it } from 'vitest';
import { planAnswer } from './readers/answers.ts';
import { createSeededRandom } from './seededRandom.ts';

it('gives the same plan for the same seed, and another one for another', () => {
  const plan = (seed: string) => {
    const random = createSeededRandom(seed);
    return Array.from({ length: 20 }, () => planAnswer(random).content);
  };
  expect(plan('a')).toEqual(plan('a'));
  expect(plan('a')).not.toEqual(plan('b'));
});

it('stays within its bounds and reaches both of them', () => {
  const random = createSeededRandom('bounds');
  const seen = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
});
