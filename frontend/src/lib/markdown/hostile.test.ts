import { describe, expect, test } from 'vitest';
import { type HostileText, hostileTexts, randomHostileTexts } from '../../../test/hostileTexts.ts';
import { markdownParser } from './grammar/createParser.ts';
import { cut, streamed, treeText } from './markdownTestBench.ts';
import { parseDocument } from './parseDocument.ts';
import { visibleTail } from './stream/visibleTail.ts';
import type { TreeNode } from './tree/tree.ts';

/** Time limit of tests that work hard; a busy machine needs more than the usual five seconds. */
const slowMs = 240_000;

/** Deepest tree that any code may have to draw or compare recursively. */
const maxDepth = 110;

/** The work that `WorkBudget` allows, plus one parse of the whole text at the highest cost there is. */
function allowedWork(characters: number): number {
  return 1_400_000 + 80 * characters;
}

function depthOf(nodes: readonly TreeNode[]): number {
  let deepest = 0;
  const open: { node: TreeNode; depth: number }[] = nodes.map((node) => ({ node, depth: 1 }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth } = next;
    deepest = Math.max(deepest, depth);
    if (node.kind === 'element')
      for (const child of node.children) open.push({ node: child, depth: depth + 1 });
  }
  return deepest;
}

/** Letters and digits that are drawn. */
function wordsOf(nodes: readonly TreeNode[]): string {
  return treeText(nodes).replace(/"(?:kind|name)":"\w+"/g, '');
}

function expectBearable({ kind, text }: HostileText, sliceCharacters: number): void {
  const stream = streamed(cut(text, sliceCharacters));
  const nodes = parseDocument(text);
  expect(depthOf(nodes), kind).toBeLessThan(maxDepth);
  expect(treeText(stream.finishedNodes) === treeText(nodes), `${kind}: the end equals one parse`).toBe(true);
  expect(stream.parsedCharacters, kind).toBeLessThan(allowedWork(text.length));
}

describe('a text that is made to be slow equals one parse of it in the end, at a cost bounded by its length', () => {
  test.each(hostileTexts(20_000))('$kind', { timeout: slowMs }, (hostile) => {
    expectBearable(hostile, 100);
  });

  test('in slices of 12 characters', { timeout: slowMs }, () => {
    for (const hostile of hostileTexts(4000)) expectBearable(hostile, 12);
  });

  test('for random kinds', { timeout: slowMs }, () => {
    for (const hostile of randomHostileTexts(12, 150, 6000)) expectBearable(hostile, 40);
  });
});

describe('text beyond a bound is shown as its source', () => {
  const lost = (text: string): string[] => {
    const shown = wordsOf(parseDocument(text));
    return [...new Set(text.match(/word\d+/g))].filter((word) => !shown.includes(word));
  };
  const words = (count: number, around: (word: string, depth: number) => string): string =>
    Array.from({ length: count }, (_, depth) => around(`word${depth} `, depth)).join('');

  test.each([
    ['quotes', words(2000, (word, depth) => `${'>'.repeat(depth % 300)} ${word}\n`)],
    ['lists', words(200, (word, depth) => `${'  '.repeat(depth)}- ${word}\n`)],
    ['emphasis', `${words(3000, (word) => `*${word}`)}${'*'.repeat(3000)}`],
    ['strong', `${words(1500, (word) => `**${word}`)}middle${' x**'.repeat(1500)}`],
    ['links', `${words(1500, (word) => `[${word}`)}${'](/u)'.repeat(1500)}`],
    ['pictures', `${words(1500, (word) => `![${word}`)}${'](/u)'.repeat(1500)}`],
    ['marks', words(5000, (word) => `*${word}* `)],
    ['columns', `|${words(3000, (word) => `${word}|`)}\n|${'-|'.repeat(3000)}\n|\n`],
  ])('no word is lost among many %s', (_what, text) => {
    expect(lost(text)).toEqual([]);
  });

  test('emphasis inside emphasis keeps its marks', () => {
    const [paragraph] = parseDocument(`${'*a '.repeat(60)}b${' a*'.repeat(60)}`);
    expect(treeText(paragraph ? [paragraph] : [])).toContain('*a *a *a *a *a *a *a *a *a *a *a *a b a* a*');
  });

  test('a row that lacks many cells is completed by one cell', () => {
    const [table] = parseDocument(`|${'a|'.repeat(40)}\n|${'-|'.repeat(40)}\n|b|\n`);
    expect(treeText(table ? [table] : [])).toContain('"span":"39"');
  });
});

describe('patterns do not backtrack over a text', () => {
  const blanks = ' '.repeat(200_000);

  test.each([
    ['blanks', `${blanks}x`],
    ['quote signs and blanks', `> ${blanks}x`],
    ['wide blanks', `${'\u3000'.repeat(200_000)}x`],
    ['fences and a line separator', `${' ~~~'.repeat(50_000)}\u2028x`],
  ])('%s', (_what, line) => {
    const startedAtMs = performance.now();
    visibleTail('', line, false);
    streamed(cut(line, 20_000));
    // A pattern that backtracks takes minutes for it.
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });

  test('the end of a formula is searched for once, whatever the number of openers', () => {
    const text = `${'\\('.repeat(40_000)}\\)`;
    const startedAtMs = performance.now();
    markdownParser.parseInlines(markdownParser.parseBlocks(`${'\\(- '.repeat(1600)}${text}`, {}), {});
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });
});
