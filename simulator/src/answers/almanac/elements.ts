/** Pages about chemical elements: number, symbol, relative atomic mass, and a story worth knowing. */
import { pick } from './wording.ts';

type Element = readonly [number: number, symbol: string, name: string, mass: number, story: string];

const elements: readonly Element[] = [
  [
    1,
    'H',
    'Hydrogen',
    1.008,
    'Nine of every ten atoms in the universe are hydrogen, most of them unchanged since the first minutes after the Big Bang.',
  ],
  [
    2,
    'He',
    'Helium',
    4.003,
    'It was found in the light of the sun in 1868, and on Earth only a generation later; the name keeps the order of discovery.',
  ],
  [
    3,
    'Li',
    'Lithium',
    6.94,
    'The lightest metal floats on oil, cuts like cold butter, and carries the charge in most things that have a battery.',
  ],
  [
    6,
    'C',
    'Carbon',
    12.011,
    'One arrangement of its atoms is the hardest natural mineral, another slides off the tip of a pencil.',
  ],
  [
    7,
    'N',
    'Nitrogen',
    14.007,
    'Four fifths of the air, held together by a triple bond so strong that lightning and a few bacteria are needed to break it.',
  ],
  [
    8,
    'O',
    'Oxygen',
    15.999,
    'For the first half of the Earth’s history there was almost none in the air; what we breathe is the exhaust of algae.',
  ],
  [
    10,
    'Ne',
    'Neon',
    20.18,
    'It forms no compound that lasts, and glows orange-red when current passes through it. Other colours in “neon” signs are other gases.',
  ],
  [
    11,
    'Na',
    'Sodium',
    22.99,
    'Its yellow line at 589 nanometres coloured the streets of half the world’s cities for fifty years.',
  ],
  [
    13,
    'Al',
    'Aluminium',
    26.982,
    'Once dearer than gold: Napoleon III is said to have kept aluminium cutlery for his best guests.',
  ],
  [
    14,
    'Si',
    'Silicon',
    28.085,
    'More than a quarter of the Earth’s crust by mass, and, refined to nine nines of purity, the floor on which all computing stands.',
  ],
  [
    15,
    'P',
    'Phosphorus',
    30.974,
    'Hennig Brand found it in 1669 by boiling down vast amounts of urine in search of gold. It glowed instead.',
  ],
  [
    17,
    'Cl',
    'Chlorine',
    35.45,
    'A poison gas on its own, half of table salt in company: few elements show so well that a compound is not a mixture.',
  ],
  [20, 'Ca', 'Calcium', 40.078, 'Bones, chalk, pearls, marble and eggshell are all ways of storing it.'],
  [
    22,
    'Ti',
    'Titanium',
    47.867,
    'As strong as many steels at little more than half the weight; its white oxide is in nearly every tin of paint.',
  ],
  [
    24,
    'Cr',
    'Chromium',
    51.996,
    'Named after colour itself: traces of it make rubies red and emeralds green.',
  ],
  [
    26,
    'Fe',
    'Iron',
    55.845,
    'Fusion in stars pays energy out only as far as iron and its neighbours; that is where giant stars stop and collapse.',
  ],
  [
    27,
    'Co',
    'Cobalt',
    58.933,
    'Miners blamed goblins, *Kobolde*, for ore that yielded no silver and made them ill; the blue in old porcelain is theirs.',
  ],
  [
    29,
    'Cu',
    'Copper',
    63.546,
    'One of the few metals that are neither grey nor silver, and among the first that people learned to smelt.',
  ],
  [
    30,
    'Zn',
    'Zinc',
    65.38,
    'On a galvanised bucket it corrodes in place of the iron, even where the coat is scratched.',
  ],
  [31, 'Ga', 'Gallium', 69.723, 'It melts at 29.8 °C. A spoon made of it disappears into a cup of tea.'],
  [
    33,
    'As',
    'Arsenic',
    74.922,
    'A green pigment made with it brightened Victorian wallpaper, and in damp rooms may have poisoned those who slept there.',
  ],
  [
    47,
    'Ag',
    'Silver',
    107.868,
    'The best conductor of electricity and of heat among all metals, and for a century the chemistry of every photograph.',
  ],
  [
    50,
    'Sn',
    'Tin',
    118.71,
    'It has ten stable isotopes, more than any other element, and cries audibly when a bar of it is bent.',
  ],
  [
    53,
    'I',
    'Iodine',
    126.904,
    'It was discovered in the ash of seaweed by a maker of saltpetre; a pinch in salt keeps goitre away.',
  ],
  [
    55,
    'Cs',
    'Caesium',
    132.905,
    'Since 1967 the second has been 9,192,631,770 periods of one of its transitions.',
  ],
  [
    74,
    'W',
    'Tungsten',
    183.84,
    'No metal melts later: 3,422 °C. Its symbol comes from *Wolfram*, its name from Swedish for “heavy stone”.',
  ],
  [
    79,
    'Au',
    'Gold',
    196.967,
    'Its colour is an effect of relativity: inner electrons move so fast that the atom absorbs blue light.',
  ],
  [
    80,
    'Hg',
    'Mercury',
    200.592,
    'The only metal that is liquid at room temperature, for a reason closely related to the colour of gold.',
  ],
  [82, 'Pb', 'Lead', 207.2, 'Plumbers are named after it, *plumbum*, as were the pipes of Rome.'],
  [
    92,
    'U',
    'Uranium',
    238.029,
    'Two billion years ago, at Oklo in Gabon, a vein of it ran as a natural reactor for some hundred thousand years.',
  ],
];

/** Number of element pages. */
export const elementPageCount = elements.length / 3;

/** A page on three elements. */
export function elementPage(index: number): string {
  const three = [0, 1, 2]
    .map((step) => elements[(index * 3 + step) % elements.length])
    .filter((entry) => entry !== undefined);
  const names = three.map(([, , name]) => name);
  const heading = `### ${names.join(', ')}`;
  if (index % 3 === 2) return `${heading}\n\n${three.map(asQuote).join('\n\n')}`;
  const table = three.map(
    ([number, symbol, name, mass]) =>
      `| ${number} | **${symbol}** | ${name} | ${mass} | ${neutrons(number, mass)} |`,
  );
  const header = ['| № | Symbol | Name | Mass | Neutrons, about |', '|---:|:---:|---|---:|---:|'];
  const stories = three.map(([, symbol, name, , story]) =>
    pick(index, [`**${name}.** ${story}`, `- **${symbol}** — ${story}`]),
  );
  return `${heading}\n\n${[...header, ...table].join('\n')}\n\n${stories.join(index % 2 === 0 ? '\n\n' : '\n')}`;
}

function asQuote([number, , name, , story]: Element): string {
  return `> ${story}\n>\n> — *${name}, element ${number}*`;
}

/** A typical atom's neutrons: the mass, rounded, without the protons. */
function neutrons(protons: number, mass: number): number {
  return Math.round(mass) - protons;
}
