import { expect, it } from 'vitest';
import { createSeededRandom } from '../../../seededRandom.ts';
import { planHintFaults } from './spoilHints.ts';

it('inflicts every fault of hints in each round, in an order that the seed decides', () => {
  const kindsOf = (seed: string) => planHintFaults(createSeededRandom(seed)).map(({ kind }) => kind);
  const seeds = Array.from({ length: 20 }, (_, index) => `seed ${index}`);
  for (const seed of seeds) {
    expect(kindsOf(seed).toSorted()).toEqual(['late', 'lost', 'lost', 'reordered', 'repeated']);
    expect(kindsOf(seed)).toEqual(kindsOf(seed));
  }
  expect(new Set(seeds.map((seed) => kindsOf(seed).join())).size).toBeGreaterThan(1);
});
