import { expect, test } from 'vitest';
import { MarkdownStream } from '../markdownStream.ts';
import { treeHtml, treeText } from '../markdownTestBench.ts';
import { parseDocument } from '../parseDocument.ts';
import { hostileTexts } from '../sampleDocuments.ts';
import { safeImageUrl, safeUrl } from './safeUrl.ts';
import { elementNames, type TreeNode } from './tree.ts';

function expectSafe(node: TreeNode): void {
  if (node.kind === 'image') {
    expect(node.url === null || safeImageUrl(node.url)?.href === node.url).toBe(true);
    return;
  }
  if (node.kind !== 'element') return;
  expect(elementNames).toContain(node.name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:)/);
    else if (name === 'start') expect(value).toMatch(/^\d{1,9}$/);
    else if (name === 'align') expect(['left', 'center', 'right']).toContain(value);
    else if (name === 'tight') expect(value).toBe('true');
    else expect(name).toBe('title');
  }
  node.children.forEach(expectSafe);
}

test('there are at least a hundred hostile texts, no two the same', () => {
  expect(new Set(hostileTexts).size).toBe(hostileTexts.length);
  expect(hostileTexts.length).toBeGreaterThanOrEqual(100);
});

test('no prefix of a hostile text draws a dangerous node or attribute', () => {
  for (const text of hostileTexts) {
    const stream = new MarkdownStream();
    for (const character of `before\n\n${text}\n\nafter`) {
      const change = stream.append(character);
      for (const block of [...change.finished, ...change.open]) expectSafe(block.node);
      for (const block of change.open) expect(JSON.stringify(block)).not.toContain('"href"');
    }
    stream.finish();
    for (const block of stream.finishedNodes) expectSafe(block);
  }
});

test('only http, https and mailto are links', () => {
  expect(safeUrl('https://example.com/a')).toEqual({ href: 'https://example.com/a', host: 'example.com' });
  expect(safeUrl('mailto:me@example.com')?.host).toBe('me@example.com');
  for (const address of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    '/path',
    '#a',
    '',
    'a b',
  ]) {
    expect(safeUrl(address)).toBeNull();
  }
});

test('a picture in the text itself is raster and small, and everything else has a host', () => {
  const pixel = 'data:image/png;base64,iVBORw0KGgo=';
  expect(safeImageUrl(pixel)).toEqual({ href: pixel, host: '' });
  expect(safeImageUrl(`data:image/png;base64,${'A'.repeat(2_000_000)}`)).toBeNull();
  for (const address of [
    'data:image/svg+xml;base64,PHN2Zz4=',
    'data:text/html,x',
    'DATA:image/svg+xml,<svg>',
    'x.png',
  ]) {
    expect(safeImageUrl(address)).toBeNull();
  }
  expect(safeImageUrl('https://example.com/a.png')?.host).toBe('example.com');
});

test('a task list item gets a box and keeps its text', () => {
  expect(treeHtml(parseDocument('- [x] done\n- [ ] open\n- [x]no'))).toBe(
    '<ul><li><input>done</li><li><input>open</li><li>[x]no</li></ul>',
  );
  expect(treeText(parseDocument('- [X] a\n- [ ] b'))).toMatch(/"isDone":true.*"isDone":false/);
});

test('a tight list is marked as such, and its items have paragraphs like those of a loose one', () => {
  expect(treeText(parseDocument('- a\n- b'))).toContain('"tight":"true"');
  expect(treeText(parseDocument('- a\n\n- b'))).toBe(
    treeText(parseDocument('- a\n- b')).replace('"tight":"true"', ''),
  );
});

test('an amount of money is not a formula, and a formula is', () => {
  const formulas = (text: string): number => treeText(parseDocument(text)).split('"kind":"math"').length - 1;
  for (const text of [
    'It costs $5 and $10.',
    '$5-$10',
    'US$5 or A$7',
    '$5 apples or 10$ pears',
    'between $1,000 and $2,000',
    '$ x $',
    'a \\$x$ b',
    '`$x$`',
    '$$$$',
    '\\(\\)',
    '\\[\\]',
  ]) {
    expect(formulas(text), text).toBe(0);
  }
  for (const text of [
    '$x^2$',
    '($a+b$)',
    '$2x + 3$',
    '$$\\frac{1}{2}$$',
    '\\(x\\)',
    '\\[ y = 1 \\]',
    '$$\n- x\n+ y\n$$',
    '- item\n  \\[\n  x\n  \\]',
    '$3$',
  ]) {
    expect(formulas(text), text).toBe(1);
  }
});

test('a list keeps its start, a cell its alignment, a link its host', () => {
  const json = JSON.stringify(parseDocument('3. a\n\n| a |\n|--:|\n| b |\n\n[x](https://example.com/y "t")'));
  expect(json).toContain('"start":"3"');
  expect(json).toContain('"align":"right"');
  expect(json).toContain('"title":"t · example.com"');
});
