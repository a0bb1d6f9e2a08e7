import { describe, expect, it } from 'vitest';
import { daysOf, periodDays } from './periods.ts';

describe('a period', () => {
  // A quarter of an hour before midnight in London.
  const lateMs = Date.parse('2026-03-01T23:45:00Z');

  it.each([
    ['week', 'UTC', '2026-02-23', '2026-03-01'],
    ['week', 'Asia/Tokyo', '2026-02-24', '2026-03-02'],
    ['month', 'UTC', '2026-01-31', '2026-03-01'],
    ['year', 'UTC', '2025-03-02', '2026-03-01'],
  ] as const)('%s ends today in %s, from %s to %s', (period, timeZone, from, to) => {
    expect(periodDays(period, lateMs, timeZone)).toEqual({ from, to });
  });

  it('has every day once, also when the clocks change', () => {
    expect(daysOf('2026-03-28', '2026-03-30')).toEqual(['2026-03-28', '2026-03-29', '2026-03-30']);
    expect(daysOf('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
    expect(daysOf('2025-03-02', '2026-03-01')).toHaveLength(365);
  });
});
