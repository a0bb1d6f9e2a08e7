/**
 * Random documents for the engine: parts of every construct put together, and plain soup of the characters that mean
 * something. The same seed gives the same documents.
 */
import { cutAtRandom, mismatch, seededRandom } from '../src/lib/markdown/markdownTestBench.ts';
import { answerDocuments, constructs } from '../src/lib/markdown/sampleDocuments.ts';

export interface FuzzFailure {
  readonly seed: number;
  readonly document: number;
  readonly cuts: readonly string[];
}

const lineStarts = ['', '', '', '', ' ', '  ', '   ', '    ', '> ', '- ', '1. ', '\t'];
const lineEnds = ['\n', '\n', '\n\n', '\n\n', ''];
const nested = [
  '  - x',
  '    - y',
  '   1. z',
  '  > q',
  '> > deep',
  '- > - a',
  '-   wide',
  '  more',
  '1.',
  '10. ten',
  '- a\n\n  b',
  '- a\n- b\n\n- c',
  '> - a\n> - b',
  '> ',
  '  ```\n  x\n  ```',
  '- ```',
  '$$',
  '$$\nx\n$$',
  '\\[',
  '\\]',
  '- | a | b |\n  |---|---|\n  | 1 | 2 |',
  '  | 3 | 4 |',
  '> | a |\n> |---|\n> | 1 |',
  '\t- tab',
  '1.\ttab\n\tmore',
];
/** Characters that mean something, the more often the earlier they decide. */
const soup = [
  ...[
    '-',
    '-',
    '*',
    '>',
    '> ',
    '`',
    '```',
    '|',
    '|',
    '|-|-|\n',
    ':',
    '[',
    'a]: /u',
    '[a]',
    '"',
    '(',
    ')',
    '#',
  ],
  ...[
    '1.',
    '1)',
    ' ',
    '  ',
    '    ',
    '\t',
    '\n',
    '\n',
    '\n',
    '\n',
    '\n\n',
    'a',
    'b',
    'c ',
    '=',
    '$',
    '$$\n',
    '\\',
  ],
  ...['~~~', '_', '- ', '- ', '* ', '1. ', '\r', '<', '+ ', '---\n', '&', '!', '===\n'],
];
const parts = [...constructs, ...nested];
const maxConstructs = 12;
const maxSoupParts = 120;

/** Streams `documentCount` documents in random deltas and compares each with one parse. */
export function fuzz(
  seed: number,
  documentCount: number,
  onDocument?: (done: number) => void,
): FuzzFailure[] {
  const random = seededRandom(seed);
  const failures: FuzzFailure[] = [];
  for (let document = 0; document < documentCount; document += 1) {
    const cuts = cutAtRandom(randomDocument(random), 20, random);
    if (!isExact(cuts)) failures.push({ seed, document, cuts });
    onDocument?.(document + 1);
  }
  return failures;
}

function isExact(cuts: readonly string[]): boolean {
  try {
    return mismatch(cuts) === null;
  } catch {
    return false;
  }
}

function randomDocument(random: () => number): string {
  const pick = (choices: readonly string[]): string => choices[Math.floor(random() * choices.length)] ?? '';
  const kind = random();
  if (kind < 0.02) return pick(answerDocuments) + lines(random, pick);
  return kind < 0.3 ? repeat(1 + Math.floor(random() * maxSoupParts), () => pick(soup)) : lines(random, pick);
}

function lines(random: () => number, pick: (choices: readonly string[]) => string): string {
  return repeat(
    1 + Math.floor(random() * maxConstructs),
    () => pick(lineStarts) + pick(parts) + pick(lineEnds),
  );
}

function repeat(count: number, create: () => string): string {
  return Array.from({ length: count }, create).join('');
}
