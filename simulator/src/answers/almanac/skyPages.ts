/** Pages about planets and musical intervals, with tables computed from a few constants. */
import { pick } from './wording.ts';

type Planet = readonly [name: string, gravity: number, yearDays: number, orbitAu: number, story: string];

/** Surface gravity in m/s², sidereal year in days, mean distance from the sun in astronomical units. */
const planets: readonly Planet[] = [
  [
    'Mercury',
    3.7,
    87.97,
    0.387,
    'From one sunrise to the next it takes two of its own years. A slow walker near the pole could keep the sun for ever on the horizon.',
  ],
  [
    'Venus',
    8.87,
    224.7,
    0.723,
    'It turns backwards, and so slowly that its day is longer than its year. The ground is hot enough to melt lead, by day and by night alike.',
  ],
  [
    'Mars',
    3.72,
    686.98,
    1.524,
    'Its day lasts 24 hours and 40 minutes, so that people who drive rovers come to work forty minutes later each morning. Sunsets there are blue.',
  ],
  [
    'Jupiter',
    24.79,
    4332.6,
    5.203,
    'It weighs two and a half times as much as all the other planets together, and turns once in ten hours.',
  ],
  [
    'Saturn',
    10.44,
    10759,
    9.537,
    'The rings are some 280,000 kilometres across and in most places thinner than a house is high: in proportion, far thinner than paper.',
  ],
  [
    'Uranus',
    8.87,
    30687,
    19.19,
    'It lies on its side. Each pole has forty-two years of daylight and then forty-two of night.',
  ],
  [
    'Neptune',
    11.15,
    60190,
    30.07,
    'It was found on paper first: Urbain Le Verrier computed where it had to be, and in Berlin it was seen the same night his letter came.',
  ],
];

/** Number of planet pages. */
export const planetPageCount = planets.length;

/** The page about one planet. */
export function planetPage(index: number): string {
  const planet = planets[index % planets.length];
  if (planet === undefined) return '';
  const [name, gravity, yearDays, orbitAu, story] = planet;
  const lightMinutes = orbitAu * 8.317;
  const rows = [
    ['Somebody of 70 kg would feel like', `${((70 * gravity) / 9.81).toFixed(0)} kg`],
    ['A stone dropped from 2 m falls for', `${Math.sqrt(4 / gravity).toFixed(2)} s`],
    [
      'A year lasts',
      yearDays > 1000 ? `${(yearDays / 365.25).toFixed(1)} of ours` : `${Math.round(yearDays)} days`,
    ],
    [
      'Sunlight arrives after',
      lightMinutes > 90 ? `${(lightMinutes / 60).toFixed(1)} hours` : `${lightMinutes.toFixed(1)} minutes`,
    ],
    ['The sun shines', `${sunStrength(orbitAu)} as brightly as here`],
  ];
  const table = [
    '| On or at this planet | |',
    '|---|---:|',
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
  ];
  return `### A visit to ${name}\n\n${story}\n\n${table.join('\n')}`;
}

function sunStrength(orbitAu: number): string {
  const ratio = 1 / orbitAu ** 2;
  return ratio >= 1
    ? `${ratio.toFixed(1)} times`
    : `one ${Math.round(1 / ratio) === 2 ? 'half' : `${Math.round(1 / ratio)}th`}`;
}

type Interval = readonly [name: string, upper: number, lower: number, semitones: number, heardIn: string];

const intervals: readonly Interval[] = [
  ['octave', 2, 1, 12, 'Sing “Somewhere over the rainbow” and the first leap is an octave.'],
  ['fifth', 3, 2, 7, 'Violins are tuned in fifths, and “Twinkle, twinkle” takes one at its second word.'],
  ['fourth', 4, 3, 5, 'Most hymns and half of all sirens begin with a fourth upward.'],
  [
    'major third',
    5,
    4,
    4,
    'It is what makes a chord sound cheerful, and the piano plays it audibly too wide.',
  ],
  ['minor third', 6, 5, 3, 'Children everywhere tease each other on a falling minor third.'],
  ['major sixth', 5, 3, 9, 'The old NBC chimes went up by one.'],
  ['minor sixth', 8, 5, 8, 'It is a major third turned upside down, and sounds like longing.'],
  ['whole tone', 9, 8, 2, 'Six of them overshoot the octave by a hair that troubled Pythagoras.'],
];

/** Number of interval pages. */
export const intervalPageCount = intervals.length;

/** The page about one musical interval. */
export function intervalPage(index: number): string {
  const interval = intervals[index % intervals.length];
  if (interval === undefined) return '';
  const [name, upper, lower, semitones, heardIn] = interval;
  const cents = 1200 * Math.log2(upper / lower);
  const error = semitones * 100 - cents;
  const tuning = pick(Math.abs(error) < 0.05 ? 0 : 1, [
    'The piano plays it exactly.',
    `The piano plays ${semitones * 100} cents instead, which is ${Math.abs(error).toFixed(1)} too ${error > 0 ? 'wide' : 'narrow'}.`,
  ]);
  return `### An interval: the ${name} 🎵

Two strings whose lengths are as ${upper} to ${lower} sound ${index === 0 ? 'an' : 'a'} *${name}* apart. ${heardIn}

$$\\frac{f_2}{f_1} = \\frac{${upper}}{${lower}}, \\qquad 1200 \\log_2 \\frac{${upper}}{${lower}} \\approx ${cents.toFixed(1)}\\ \\text{cents}$$

${tuning} Above the A of 440 hertz the pure one is at **${((440 * upper) / lower).toFixed(2)} Hz**, the tempered one at **${(440 * 2 ** (semitones / 12)).toFixed(2)} Hz**.`;
}
