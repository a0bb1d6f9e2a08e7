/**
 * demo/long: an almanac of more than 20,000 words, bound from pages of many kinds.
 * The same text every time; no page occurs twice, and neighbouring pages are of different kinds.
 */
import { cities, cityPage } from './cities.ts';
import { codePages } from './codePages.ts';
import { datePage, datePageCount } from './datePages.ts';
import { elementPage, elementPageCount } from './elements.ts';
import { essays } from './essays.ts';
import { journeyPage } from './journeyPages.ts';
import { languagePages } from './languagePages.ts';
import { mathPages } from './mathPages.ts';
import { numberPage } from './numberPages.ts';
import { intervalPage, intervalPageCount, planetPage, planetPageCount } from './skyPages.ts';
import { pick } from './wording.ts';
import { wordPage, wordPageCount } from './wordPages.ts';

const numberPageCount = 90;
const journeysTaken = 80;

const title = `# An Almanac of Small Wonders

*Being a collection of numbers, cities, elements, sayings, programs and opinions, set down for a patient reader.*

An almanac used to hang on a nail by the stove. It told you when the sun would rise, when to sow, what had happened on this day, and how to get wine out of linen. Nobody read it from beginning to end, and nobody needed to. **Open it anywhere.**

How to use this one:

1. Pick a chapter by its number, as you would a door in a long corridor.
2. Read one page. Each stands alone.
3. If it is about a number, *check it*: everything here that can be computed was.
4. Stop whenever you like. The rest keeps.
`;

const chapterNames = [
  'A door in the corridor',
  'Salt and starlight',
  'The long way round',
  'What the keeper wrote',
  'Small machines',
  'North of the river',
  'A drawer of keys',
  'Weather permitting',
  'The second cup',
  'Borrowed ladders',
  'Paper boats',
  'The quiet hour',
  'Left at the mill',
  'Chalk and string',
  'Lamps along the quay',
  'The other drawer',
  'Three coins',
  'A window in March',
  'The slow train',
  'Bees in the wall',
] as const;

const closing = `---

## The last page

If you have read this far, you have outlasted most almanacs. Here is what they all say in the end, in one way or another:

> Look at things twice. The first look tells you what you expected.

| You came for | You may leave with |
|---|---|
| a fact | a better question |
| an answer | a way to check it |
| a pastime | an hour well spent |

**Fin.** 🌗
`;

/** Builds the whole text. */
export function buildAlmanac(): string {
  const parts = spreadEvenly(pagesByKind()).map((text, page) => `${chapterHeading(page)}${text}`);
  return [title, ...parts, closing].join('\n\n');
}

function pagesByKind(): readonly (readonly string[])[] {
  return [
    pages(numberPageCount, (index) => numberPage(pageNumber(index), index)),
    pages(cities.length, (index) => cityPage(index, index)),
    essays,
    pages(datePageCount, datePage),
    codePages,
    pages(elementPageCount, elementPage),
    pages(journeysTaken, journeyPage),
    mathPages,
    pages(wordPageCount, wordPage),
    languagePages,
    pages(planetPageCount, planetPage),
    pages(intervalPageCount, intervalPage),
  ];
}

function pages(count: number, write: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => write(index));
}

/** Puts every kind's pages at equal distances over the whole book, in their own order. */
function spreadEvenly(kinds: readonly (readonly string[])[]): string[] {
  return kinds
    .flatMap((kind) => kind.map((text, index) => ({ text, at: (index + 0.5) / kind.length })))
    .toSorted((a, b) => a.at - b.at)
    .map(({ text }) => text);
}

/** A number of its own for every page: rising, with uneven gaps. */
function pageNumber(page: number): number {
  return 7 + 5 * page + ((page * page) % 4);
}

const pagesPerChapter = 9;

function chapterHeading(page: number): string {
  if (page % pagesPerChapter !== 0) return '';
  const chapter = page / pagesPerChapter;
  return `## ${chapter + 1}. ${pick(chapter, chapterNames)}\n\n`;
}
