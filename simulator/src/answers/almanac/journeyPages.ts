/** Journeys between two cities of the almanac, with bearing, halfway point and clocks computed. */
import { cities } from './cities.ts';
import { distanceKm, formatKm, initialBearing, midpoint } from './geometry.ts';
import { pick } from './wording.ts';

const compass = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'];

/** The page about one pair of cities; steps of 7 mix the cities, and 7 shares no factor with the 190 pairs, so none comes twice. */
export function journeyPage(index: number): string {
  const pairs = cities.flatMap((from, at) => cities.slice(at + 1).map((to) => ({ from, to })));
  const pair = pairs[(index * 7) % pairs.length];
  if (pair === undefined) return '';
  const [from, to] = index % 2 === 0 ? [pair.from, pair.to] : [pair.to, pair.from];
  const km = distanceKm(from, to);
  const bearing = initialBearing(from, to);
  const direction = compass[Math.round(bearing / 45) % 8] ?? 'north';
  const back = compass[Math.round(initialBearing(to, from) / 45) % 8] ?? 'north';
  const middle = midpoint(from, to);
  const minutes = Math.round((to.longitude - from.longitude) * 4);
  const sun = Math.abs(minutes) > 720 ? minutes - Math.sign(minutes) * 1440 : minutes;
  const opening = pick(index, [
    `The shortest way from ${from.name} to ${to.name} sets out towards the **${direction}**, at ${Math.round(bearing)}°, and is ${formatKm(km)} long.`,
    `Stretch a thread over a globe between ${from.name} and ${to.name}: ${formatKm(km)}, leaving to the ${direction}. Coming home, you would start out to the ${back}.`,
    `Face ${direction} in ${from.name}, walk straight on for ${formatKm(km)}, oceans permitting, and you will be in ${to.name}.`,
    `Between ${from.name} and ${to.name} lie ${formatKm(km)}, or ${((km / 40_030) * 100).toFixed(1)} per cent of the way around the world.`,
  ]);
  const clocks = pick(index + (index >> 2), [
    `The sun stands highest in ${to.name} ${formatMinutes(sun)} ${sun > 0 ? 'earlier' : 'later'}.`,
    `Sound would need ${(km / 0.343 / 3600).toFixed(1)} hours for it, light ${(km / 299.792).toFixed(1)} milliseconds.`,
    `On foot, thirty kilometres a day, it takes ${Math.ceil(km / 30)} days; a swift, which can sleep on the wing, might do it in ${Math.max(1, Math.round(km / 570))}.`,
  ]);
  const halfway = `Halfway is at ${middle}.`;
  const heading = pick(index, [
    `### From ${from.name} to ${to.name}`,
    `### ${from.name} → ${to.name}`,
    `### A line from ${from.name} to ${to.name}`,
  ]);
  if (index % 3 === 1) return `${heading}\n\n1. ${opening}\n2. ${halfway}\n3. ${clocks}`;
  return `${heading}\n\n${opening} ${halfway} ${clocks}`;
}

function formatMinutes(minutes: number): string {
  const whole = Math.abs(minutes);
  return whole >= 60 ? `${Math.floor(whole / 60)} h ${whole % 60} min` : `${whole} minutes`;
}
