import type { UsageReport } from '@rill/protocol';
import { expect, it } from 'vitest';
import { costParts } from './costParts.ts';

const part = (key: string, costUsd: number) => ({
  key,
  name: null,
  answerCount: 1,
  costUsd,
  estimatedUsd: 0,
});
const reportOf = (days: readonly (readonly ReturnType<typeof part>[])[]) =>
  ({
    groups: days.map((parts, index) => ({ key: `2026-03-0${index + 1}`, parts })),
  }) as unknown as UsageReport;

it('the dearest of the period have parts of their own, and the others are one that completes each day', () => {
  const days = [
    [part('a', 4), part('b', 1), part('f', 0.25)],
    [part('c', 3), part('d', 2), part('e', 1.5), part('g', 0.25), part('b', 0.75)],
  ];
  expect(costParts(reportOf(days))).toEqual({
    parts: [
      ...['a', 'c', 'd', 'b', 'e'].map((key) => expect.objectContaining({ key })),
      { key: '', name: null },
    ],
    costs: [
      [4, 0, 0, 1, 0, 0.25],
      [0, 3, 2, 0.75, 1.5, 0.25],
    ],
  });
});

it('few parts need no others, and days that are not divided have none', () => {
  expect(costParts(reportOf([[part('a', 1)]]))).toEqual({
    parts: [expect.objectContaining({ key: 'a' })],
    costs: [[1]],
  });
  expect(costParts({ groups: [{ key: '2026-03-01' }] } as unknown as UsageReport)).toBeNull();
});
