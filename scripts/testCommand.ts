/** Defines and parses the words after `npm test --`. */

export const testParts = ['unit', 'browser', 'e2e'] as const;

export type TestPart = (typeof testParts)[number];

export interface TestCommand {
  parts: TestPart[];
  /** Passed to the runner of the one chosen part: parts of file names, or its own options. */
  filters: string[];
}

export const testUsage = `Usage: npm test [-- unit | browser | e2e [filter…]]

  unit      protocol, simulator, client, backend, scripts and the page's logic, in Node
  browser   components of the page in a real Chromium
  e2e       the whole product in a real Chromium
  filter    part of a file name, or an option of the runner; needs one part before it
`;

/** Parses the words after \`npm test --\`. Errors: a word that is no part while none or several parts are chosen. */
export function parseTestCommand(words: readonly string[]): TestCommand {
  const firstOther = words.findIndex((word) => !isTestPart(word));
  const named = (firstOther < 0 ? words : words.slice(0, firstOther)).filter(isTestPart);
  const filters = firstOther < 0 ? [] : words.slice(firstOther);
  if (filters.length > 0 && named.length !== 1)
    throw new Error(`"${filters[0]}" needs one part before it.\n\n${testUsage}`);
  return { parts: named.length === 0 ? [...testParts] : [...new Set(named)], filters };
}

const isTestPart = (word: string): word is TestPart => testParts.some((part) => part === word);
