import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerDocuments, constructs } from './sampleDocuments.ts';
import { type MarkdownBlock, MarkdownStream, parseDocument } from './splitBlocks.ts';
import type { TreeNode } from './tree.ts';

function cut(text: string, sizeCharacters: number): string[] {
  const pieces: string[] = [];
  for (let offset = 0; offset < text.length; offset += sizeCharacters) {
    pieces.push(text.slice(offset, offset + sizeCharacters));
  }
  return pieces;
}

function nodesOf(blocks: readonly MarkdownBlock[]): TreeNode[] {
  return blocks.map((block) => block.node);
}

function streamed(pieces: readonly string[]): MarkdownStream {
  const stream = new MarkdownStream();
  for (const piece of pieces) stream.append(piece);
  stream.finish();
  return stream;
}

function expectExact(pieces: readonly string[]): void {
  const nodes = nodesOf(streamed(pieces).finishedBlocks);
  const expected = parseDocument(pieces.join(''));
  // Comparing the text is many times faster, and toEqual then says where they differ.
  if (JSON.stringify(nodes) !== JSON.stringify(expected)) expect(nodes).toEqual(expected);
}

const documentOfConstructs = fc
  .array(fc.tuple(fc.constantFrom(...constructs), fc.constantFrom('\n', '\n', '\n\n')), { maxLength: 12 })
  .map((parts) => parts.flat().join(''));

/** These tests do real work; on a busy machine it takes longer than the usual five seconds. */
const slowMs = 60_000;

describe('a streamed document equals a one-shot parse', () => {
  for (const sizeCharacters of [1, 3, 12, 10_000]) {
    test(`in pieces of ${sizeCharacters} characters`, () => {
      for (const text of [...answerDocuments, ...constructs]) expectExact(cut(text, sizeCharacters));
    });
  }

  test('for every pair of constructs', { timeout: slowMs }, () => {
    for (const first of constructs) {
      for (const second of constructs) expectExact(cut(`${first}\n${second}\n${first}`, 5));
    }
  });

  test('for random documents in random pieces, before any repair', { timeout: slowMs }, () => {
    const pieces = fc
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
    fc.assert(fc.property(pieces, expectExact), { numRuns: 2000 });
  });

  test('a carriage return and its line feed in two pieces are one line end', () => {
    expectExact(['one\r', '\ntwo\r', '\n\r', '\n- a\r', '\r', '- b\r']);
  });
});

describe('finished blocks', () => {
  test('never change while text without late definitions arrives', () => {
    const text = answerDocuments[0]?.replaceAll('[whatwg]', 'whatwg') ?? '';
    const stream = new MarkdownStream();
    const seen: TreeNode[] = [];
    for (const piece of cut(text, 7)) {
      stream.append(piece);
      const nodes = nodesOf(stream.finishedBlocks);
      seen.forEach((node, index) => {
        expect(nodes[index]).toBe(node);
      });
      seen.splice(0, seen.length, ...nodes);
    }
    expect(seen.length).toBeGreaterThan(5);
  });

  test('change once when a definition arrives that they lacked, and only those', () => {
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
    for (const piece of cut(text, 1)) {
      expect(JSON.stringify(stream.append(piece).open)).not.toMatch(/"href"|"url":"|"host":"e/);
    }
    expect(JSON.stringify(stream.append('\n\n').finished)).toMatch(/"href".*"url":"https/);
  });
});

describe('work', () => {
  test('an open code block costs its new text only', () => {
    const stream = new MarkdownStream();
    stream.append('Here:\n\n```ts\n');
    const before = stream.parsedCharacters;
    for (let line = 0; line < 5000; line += 1) stream.append(`const value${line} = ${line};\n`);
    expect(stream.parsedCharacters - before).toBe(0);
    stream.append('```\nDone.');
    expect(stream.parsedCharacters - before).toBeLessThan(100);
    expect(nodesOf(stream.finishedBlocks)[1]).toMatchObject({ kind: 'code', language: 'ts', isOpen: false });
  });

  test('parsed characters grow in proportion to the text', () => {
    const paragraph = `${'Words that fill a paragraph. '.repeat(6)}\n\n`;
    const cost = (paragraphCount: number): number =>
      streamed(cut(paragraph.repeat(paragraphCount), 12)).parsedCharacters;
    expect(cost(200) / cost(100)).toBeLessThan(2.1);
  });
});

describe('verify', () => {
  test('finds nothing to repair in what was streamed', () => {
    for (const text of answerDocuments) {
      const stream = streamed(cut(text, 4));
      expect(stream.verify().finished).toEqual([]);
      expect(stream.repairs).toBe(0);
    }
  });

  test('replaces a block that differs and counts it', () => {
    const stream = streamed(['one\n\ntwo\n']);
    const [, second] = stream.finishedBlocks;
    if (second) Object.assign(second, { node: { kind: 'text', text: 'wrong' } });
    expect(stream.verify().finished.map((block) => block.key)).toEqual([1]);
    expect(stream.repairs).toBe(1);
    expect(nodesOf(stream.finishedBlocks)).toEqual(parseDocument('one\n\ntwo\n'));
  });
});

describe('the visible tail', () => {
  const shown = (text: string): string => JSON.stringify(new MarkdownStream().append(text).open);

  test('holds back a lone marker line', () => {
    for (const marker of ['#', '- ', '```', '```ts', '**', '1.', '|', '> ', '---', '| head | er']) {
      expect(shown(marker)).toBe('[]');
    }
  });

  test('shows text as soon as it is text', () => {
    expect(shown('- a')).toContain('"a"');
    expect(shown('# T')).toContain('"h1"');
    expect(shown('Hello')).toContain('Hello');
  });

  test('shows a table only as a table', () => {
    const stream = new MarkdownStream();
    for (const piece of cut('Intro:\n\n| a | b |\n|---|---|\n| 1', 1)) {
      expect(JSON.stringify(stream.append(piece).open)).not.toContain('|');
    }
    expect(JSON.stringify(stream.append(' |\n').open)).toContain('"table"');
  });
});
