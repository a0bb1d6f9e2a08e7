import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MarkdownStream } from './markdownStream.ts';
import { cut, mismatch, streamed, treeHtml, treeText } from './markdownTestBench.ts';
import { parseDocument } from './parseDocument.ts';
import { answerDocuments, constructs } from './sampleDocuments.ts';
import type { TreeNode } from './tree/tree.ts';

function expectExact(slices: readonly string[]): void {
  expect(mismatch(slices)).toBeNull();
}

const documentOfConstructs = fc
  .array(fc.tuple(fc.constantFrom(...constructs), fc.constantFrom('\n', '\n', '\n\n')), { maxLength: 12 })
  .map((parts) => parts.flat().join(''));

/** Time limit of tests that work hard; a busy machine needs more than the usual five seconds. */
const slowMs = 60_000;

describe('a streamed document equals a one-shot parse', () => {
  for (const sizeCharacters of [1, 3, 12, 10_000]) {
    test(`in slices of ${sizeCharacters} characters`, () => {
      for (const text of [...answerDocuments, ...constructs]) expectExact(cut(text, sizeCharacters));
    });
  }

  test('for every pair of constructs', { timeout: slowMs }, () => {
    for (const first of constructs) {
      for (const second of constructs) expectExact(cut(`${first}\n${second}\n${first}`, 5));
    }
  });

  test('for random documents in random slices, before any repair', { timeout: slowMs }, () => {
    const slices = fc
      .tuple(documentOfConstructs, fc.infiniteStream(fc.integer({ min: 1, max: 30 })))
      .map(([text, sizes]) => {
        const cuts: string[] = [];
        for (let offset = 0; offset < text.length; ) {
          const size = sizes.next().value ?? 1;
          cuts.push(text.slice(offset, offset + size));
          offset += size;
        }
        return cuts;
      });
    fc.assert(fc.property(slices, expectExact), { numRuns: 2000 });
  });

  test('a carriage return and its line feed in two slices are one line end', () => {
    expectExact(['one\r', '\ntwo\r', '\n\r', '\n- a\r', '\r', '- b\r']);
  });
});

describe('finished blocks', () => {
  test('never change while text without late definitions arrives', () => {
    const text = answerDocuments[0]?.replaceAll('[whatwg]', 'whatwg') ?? '';
    const stream = new MarkdownStream();
    const seen: TreeNode[] = [];
    for (const slice of cut(text, 7)) {
      stream.append(slice);
      const nodes = [...stream.finishedNodes];
      seen.forEach((node, index) => {
        expect(nodes[index]).toBe(node);
      });
      seen.splice(0, seen.length, ...nodes);
    }
    expect(seen.length).toBeGreaterThan(5);
  });

  test('change once when a definition arrives that they were missing, and no others change', () => {
    const stream = new MarkdownStream();
    stream.append('See [one].\n\nPlain.\n\nSee [two].\n\n');
    const change = stream.append('[one]: https://example.com/\n\n');
    expect(change.finished.map((block) => block.key)).toEqual([0]);
    expect(JSON.stringify(change.finished)).toContain('https://example.com/');
    expect(stream.append('[one]: https://example.com/second\n\n').finished).toEqual([]);
  });

  test('keep their key when they leave the open tail', () => {
    const stream = new MarkdownStream();
    expect(stream.append('# Title\n\nText').open.map((block) => block.key)).toEqual([1]);
    expect(stream.append('\n\nNext').finished.map((block) => block.key)).toEqual([1]);
  });

  test('carry live links, while the open tail carries none', () => {
    const stream = new MarkdownStream();
    const text = '[a](https://example.com/a) ![b](https://example.com/b.png) https://example.com/c';
    for (const slice of cut(text, 1)) {
      expect(JSON.stringify(stream.append(slice).open)).not.toMatch(/"href"|"url":"|"host":"e/);
    }
    expect(JSON.stringify(stream.append('\n\n').finished)).toMatch(/"href".*"url":"https/);
  });
});

describe('work', () => {
  test('an open code block costs only its new text', () => {
    const stream = new MarkdownStream();
    stream.append('Here:\n\n```ts\n');
    const before = stream.parsedCharacters;
    for (let line = 0; line < 5000; line += 1) stream.append(`const value${line} = ${line};\n`);
    expect(stream.parsedCharacters - before).toBe(0);
    stream.append('```\nDone.');
    expect(stream.parsedCharacters - before).toBeLessThan(100);
    expect([...stream.finishedNodes][1]).toMatchObject({ kind: 'code', language: 'ts', isOpen: false });
  });

  const grown = {
    prose: (count: number) => `${'Words that fill a paragraph. '.repeat(6)}\n\n`.repeat(count),
    list: (count: number) => '- an item with **some** words\n'.repeat(count * 6),
    numbered: (count: number) => '1. a step\n\n   with `two` paragraphs\n'.repeat(count * 4),
    nested: (count: number) =>
      `- all of it\n${'  - an inner item\n    - and one inside\n'.repeat(count * 4)}`,
    table: (count: number) => `| a | b |\n|---|---|\n${'| some cell | **another** |\n'.repeat(count * 6)}`,
    quote: (count: number) => '> a quoted paragraph\n>\n'.repeat(count * 6),
    paragraph: (count: number) =>
      'A sentence with `code` and **strong** words in one paragraph. '.repeat(count * 3),
  };

  test.each(Object.entries(grown))('parsed characters grow in proportion to the text: %s', (_kind, text) => {
    const cost = (count: number): number => streamed(cut(text(count), 12)).parsedCharacters;
    expect(cost(80) / cost(40)).toBeLessThan(2.2);
  });

  test('an open code block inside a list item costs only its new text', () => {
    const stream = new MarkdownStream();
    stream.append('1. Run this:\n\n   ```sh\n');
    const before = stream.parsedCharacters;
    for (let line = 0; line < 500; line += 1) stream.append(`   echo ${line}\n`);
    expect(stream.parsedCharacters - before).toBe(0);
    stream.append('   ```\n2. Done');
    stream.finish();
    expect(treeText(stream.finishedNodes)).toContain('echo 499');
  });

  test('plain words are added without the parser', () => {
    const stream = new MarkdownStream();
    stream.append('A paragraph that');
    const before = stream.parsedCharacters;
    expect(stream.append(' continues ').extension).toBe(' continues');
    expect(stream.append('and on').extension).toBe(' and on');
    expect(stream.parsedCharacters).toBe(before);
    expect(stream.append(' **bo').extension).toBeNull();
    expect(stream.append('ld words').extension).toBe('ld words');
  });
});

describe('open constructs are shown as what they will be', () => {
  const shown = (text: string): string => {
    const { open } = new MarkdownStream().append(text);
    return treeHtml(open.map(({ node }) => node));
  };

  test.each([
    ['**bold', '<p><strong>bold</strong></p>'],
    ['**bold*', '<p><strong>bold</strong></p>'],
    ['**bold *both', '<p><strong>bold <em>both</em></strong></p>'],
    ['a *', '<p>a</p>'],
    ['a **b** c', '<p>a <strong>b</strong> c</p>'],
    ['snake_case_name', '<p>snake_case_name</p>'],
    ['2 * 3', '<p>2 * 3</p>'],
    ['`code', '<p><code>code</code></p>'],
    ['``co`de`', '<p><code>co`de</code></p>'],
    ['~~gone', '<p><s>gone</s></p>'],
    ['[words', '<p><a>words</a></p>'],
    ['see [words](https://exam', '<p>see <a>words</a></p>'],
    ['![alt](https://exam', '<p><img></p>'],
    ['**[a](b) `c', '<p><strong><a>a</a> <code>c</code></strong></p>'],
    ['a\\', '<p>a</p>'],
    ['- **item', '<ul><li><strong>item</strong></li></ul>'],
    [
      '| a | b |\n|---|---|\n| **x',
      '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><strong>x</strong></td><td></td></tr></tbody></table>',
    ],
  ])('%j', (text, html) => {
    expect(shown(text)).toBe(html);
  });
});

describe('verify', () => {
  test('finds nothing to repair in a streamed text', () => {
    for (const text of answerDocuments) {
      const stream = streamed(cut(text, 4));
      expect(stream.verify().finished).toEqual([]);
      expect(stream.repairs).toBe(0);
    }
  });

  test('replaces a block that differs and counts it', () => {
    const stream = streamed(['one\n\ntwo\n']);
    const [, second] = stream.finishedNodes;
    if (second) Object.assign(second, { name: 'h1' });
    expect(stream.verify().finished.map((block) => block.key)).toEqual([1]);
    expect(stream.repairs).toBe(1);
    expect([...stream.finishedNodes]).toEqual(parseDocument('one\n\ntwo\n'));
  });
});

describe('the visible tail', () => {
  const shown = (text: string): string => JSON.stringify(new MarkdownStream().append(text).open);

  test('holds back a lone marker line', () => {
    for (const marker of ['#', '- ', '```', '```ts', '**', '1.', '|', '> ', '---', '| head | er']) {
      expect(shown(marker)).toBe('[]');
    }
  });

  test('shows text as soon as it can only be text', () => {
    expect(shown('- a')).toContain('"a"');
    expect(shown('# T')).toContain('"h1"');
    expect(shown('Hello')).toContain('Hello');
  });

  test('never shows a table as text', () => {
    const stream = new MarkdownStream();
    for (const slice of cut('Intro:\n\n| a | b |\n|---|---|\n| 1', 1)) {
      expect(JSON.stringify(stream.append(slice).open)).not.toContain('|');
    }
    expect(JSON.stringify(stream.append(' |\n').open)).toContain('"table"');
  });
});

test('a paragraph with too many marks becomes plain text, to which words are added', () => {
  const stream = new MarkdownStream();
  for (const slice of cut('$a$ and *b* '.repeat(600), 100)) stream.append(slice);
  const isPlain = () => {
    const [block] = stream.showOpen().open;
    return block?.node.kind === 'element' && block.node.children.every(({ kind }) => kind === 'text');
  };
  expect(isPlain()).toBe(true);
  stream.append('only');
  expect(stream.append(' words').extension).toBe(' words');
  expect(isPlain()).toBe(true);
});
