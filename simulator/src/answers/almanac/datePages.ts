/** Pages about single days of history: weekday, distance and anniversaries are computed from the date. */
import { historicDays } from './historicDays.ts';
import { pick } from './wording.ts';

/** Number of date pages. */
export const datePageCount = historicDays.length;

const dayMs = 86_400_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** The page about one day. */
export function datePage(index: number): string {
  const entry = historicDays[index % historicDays.length];
  if (entry === undefined) return '';
  const [year, month, day, title, story] = entry;
  const at = Date.UTC(year, month - 1, day);
  const date = `${day} ${months[month - 1] ?? ''} ${year}`;
  const weekday = weekdays[new Date(at).getUTCDay()] ?? '';
  const untilMillennium = Math.round((Date.UTC(2000, 0, 1) - at) / dayMs);
  const dayOfYear = Math.round((at - Date.UTC(year, 0, 1)) / dayMs) + 1;
  const distance = `${Math.abs(untilMillennium).toLocaleString('en')} days ${untilMillennium > 0 ? 'before' : 'after'}`;
  const arithmetic = pick(index, [
    `It was a **${weekday}**, the ${ordinal(dayOfYear)} day of its year, and ${distance} the first of January 2000.`,
    `The day was a ${weekday}. Seen from the turn of the millennium it lies ${distance} it.`,
    `By the calendar: a *${weekday}*, ${distance} 1 January 2000, in the ${ordinal(Math.ceil(dayOfYear / 7))} week counted from New Year’s Day.`,
  ]);
  const heading = pick(index, [`### ${title}, ${date}`, `### ${date}: ${title}`]);
  return index % 4 === 2
    ? `${heading}\n\n> ${story}\n\n${arithmetic}`
    : `${heading}\n\n${story} ${arithmetic}`;
}

function ordinal(value: number): string {
  const suffix =
    value % 100 >= 11 && value % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${value}${suffix}`;
}
