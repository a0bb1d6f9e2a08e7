/** Computes the days of a period that ends today, in the user's time zone. */

export const periods = ['week', 'month', 'quarter', 'year'] as const;
export type Period = (typeof periods)[number];

const dayMs = 86_400_000;
const lengths: Readonly<Record<Period, number>> = { week: 7, month: 30, quarter: 90, year: 365 };

/** Days as 2026-03-14, the first and the last. */
export function periodDays(period: Period, nowMs: number, timeZone: string): { from: string; to: string } {
  // Canadian dates are written like that.
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const to = format.format(nowMs);
  return { from: dayBefore(to, lengths[period] - 1), to };
}

export const dayBefore = (day: string, count: number): string =>
  new Date(Date.parse(day) - count * dayMs).toISOString().slice(0, 10);

/** Every day from the first to the last. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = dayBefore(day, -1)) days.push(day);
  return days;
}
