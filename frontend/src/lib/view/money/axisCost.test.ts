import { expect, it } from 'vitest';
import { axisCost } from './axisCost.ts';

it('tells the lines of a plot apart at any size', () => {
  expect([0, 0.00001, 0.00002, 0.0125, 0.5, 1.5, 1200].map(axisCost)).toEqual([
    '$0',
    '$0.00001',
    '$0.00002',
    '$0.0125',
    '$0.5',
    '$1.5',
    '$1200',
  ]);
});
