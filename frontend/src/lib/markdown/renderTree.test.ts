import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { createReferences } from './createParser.ts';
import { renderTree } from './renderTree.ts';
import { safeUrl } from './safeUrl.ts';
import { answerDocuments, constructs, hostileTexts } from './sampleDocuments.ts';
import { MarkdownStream, parseDocument } from './splitBlocks.ts';
import { elementNames, type TreeNode } from './tree.ts';

function expectSafe(node: TreeNode): void {
  if (node.kind === 'image') {
    expect(node.url === null || safeUrl(node.url)?.href === node.url).toBe(true);
    return;
  }
  if (node.kind !== 'element') return;
  expect(elementNames).toContain(node.name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:)/);
    else if (name === 'start') expect(value).toMatch(/^\d{1,9}$/);
    else if (name === 'align') expect(['left', 'center', 'right']).toContain(value);
    else expect(name).toBe('title');
  }
  node.children.forEach(expectSafe);
}

test('no prefix of a hostile text draws a dangerous node or attribute', () => {
  for (const text of hostileTexts) {
    const stream = new MarkdownStream();
    for (const character of `before\n\n${text}\n\nafter`) {
      const change = stream.append(character);
      for (const block of [...change.finished, ...change.open]) expectSafe(block.node);
      for (const block of change.open) expect(JSON.stringify(block)).not.toContain('"href"');
    }
    stream.finish();
    for (const block of stream.finishedBlocks) expectSafe(block.node);
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

test('the two-step parser gives what markdown-it gives in one', () => {
  const stock = new MarkdownIt({ html: false, linkify: true });
  for (const text of [...answerDocuments, ...constructs, ...hostileTexts]) {
    if (/\[[ xX]\]/.test(text)) continue;
    expect(parseDocument(text)).toEqual(
      renderTree(stock.parse(text, { references: createReferences() }), false),
    );
  }
});

test('a task list item gets a box and keeps its text', () => {
  expect(JSON.stringify(parseDocument('- [x] done\n- [ ] open\n- [x]no'))).toBe(
    JSON.stringify(parseDocument('- done\n- open\n- [x]no'))
      .replace('{"kind":"text","text":"done"}', '{"kind":"task","isDone":true},{"kind":"text","text":"done"}')
      .replace(
        '{"kind":"text","text":"open"}',
        '{"kind":"task","isDone":false},{"kind":"text","text":"open"}',
      ),
  );
});

test('a list keeps its start, a cell its alignment, a link its host', () => {
  const json = JSON.stringify(parseDocument('3. a\n\n| a |\n|--:|\n| b |\n\n[x](https://example.com/y "t")'));
  expect(json).toContain('"start":"3"');
  expect(json).toContain('"align":"right"');
  expect(json).toContain('"title":"t · example.com"');
});
