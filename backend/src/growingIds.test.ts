import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import { growingIds } from './growingIds.ts';

const sorted = (ids: readonly string[]) => [...ids].sort();

test.each([
  ['that advances', [0, 1, 1, 2]],
  ['that was set back an hour', [0, -3_600_000, -3_599_999, 5]],
  ['that jumps back and forth', [0, 90_000, -90_000, 90_001, 0]],
])('ids under a clock %s sort in the order of their creation', (_, stepsMs) => {
  const times = [...stepsMs];
  const newId = growingIds(() => v7({ msecs: 1_790_000_000_000 + (times.shift() ?? 0) }), null);
  const ids = stepsMs.map(() => newId());
  expect(ids).toEqual(sorted(ids));
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids sort after those that an earlier process stored under a clock that was ahead', () => {
  const stored = v7({ msecs: 1_890_000_000_000 });
  const newId = growingIds(() => v7({ msecs: 1_790_000_000_000 }), stored);
  const ids = [stored, newId(), newId(), newId()];
  expect(ids).toEqual(sorted(ids));
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
