/** Formats when a message was written: its time, its day, and whether a day begins with it. */
import { dayStartMs } from '../../../chat/workspace/groupChats.ts';
import { messageStrings } from '../../strings/messageStrings.ts';

/** Without `Intl`, whose first use loads its tables and delays a chat that is being opened. */
export function timeOfDay(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, '0')}`;
}

export const dayAndTime = (atMs: number): string => `${dayOf(new Date(atMs), true)}, ${timeOfDay(atMs)}`;

/** Today, yesterday, or the date; with its year where that is not this one. */
export function dayName(atMs: number, nowMs: number): string {
  const { today, yesterday } = messageStrings.days;
  if (isSameDay(atMs, nowMs)) return today;
  if (isSameDay(atMs, dayStartMs(nowMs, 1))) return yesterday;
  const date = new Date(atMs);
  return dayOf(date, date.getFullYear() !== new Date(nowMs).getFullYear());
}

function dayOf(date: Date, hasYear: boolean): string {
  const { weekdays, months } = messageStrings.days;
  const day = `${weekdays[date.getDay()]}, ${date.getDate()} ${months[date.getMonth()]}`;
  return hasYear ? `${day} ${date.getFullYear()}` : day;
}

/** True where a new day is marked: between two days, and above a chat that did not begin today. */
export function beginsDay(atMs: number, beforeMs: number | undefined, nowMs: number): boolean {
  if (atMs === 0) return false;
  return beforeMs === undefined ? !isSameDay(atMs, nowMs) : !isSameDay(atMs, beforeMs);
}

function isSameDay(oneMs: number, otherMs: number): boolean {
  return new Date(oneMs).toDateString() === new Date(otherMs).toDateString();
}
