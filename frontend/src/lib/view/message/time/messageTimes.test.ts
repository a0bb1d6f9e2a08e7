import { expect, it } from 'vitest';
import { beginsDay, dayAndTime, dayName, timeOfDay } from './messageTimes.ts';

const at = (text: string) => new Date(text).getTime();
const nowMs = at('2026-11-29T10:00');

it.each([
  ['2026-11-29T00:00', 'Today'],
  ['2026-11-28T23:59', 'Yesterday'],
  ['2026-11-27T12:00', 'Friday, 27 November'],
  ['2025-12-31T12:00', 'Wednesday, 31 December 2025'],
])('names the day of %s', (time, name) => {
  expect(dayName(at(time), nowMs)).toBe(name);
});

it('tells of a day where it begins, and not of today above the first message', () => {
  expect(beginsDay(at('2026-11-29T09:00'), undefined, nowMs)).toBe(false);
  expect(beginsDay(at('2026-11-28T09:00'), undefined, nowMs)).toBe(true);
  expect(beginsDay(at('2026-11-29T00:00'), at('2026-11-28T23:59'), nowMs)).toBe(true);
  expect(beginsDay(at('2026-11-29T09:00'), at('2026-11-29T08:00'), nowMs)).toBe(false);
  expect(beginsDay(0, at('2026-11-28T23:59'), nowMs)).toBe(false);
});

it('shows the time, and the day where there is space', () => {
  expect(timeOfDay(at('2026-11-29T09:05'))).toBe('9:05');
  expect(dayAndTime(at('2026-11-29T14:30'))).toBe('Sunday, 29 November 2026, 14:30');
});
