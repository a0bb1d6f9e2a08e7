import { expect, test } from 'vitest';
import { parseDocument } from './parseDocument.ts';
import { isShownAsWritten, placeholderText } from './placeholderText.ts';

const shown = (source: string) => placeholderText(parseDocument(source));

test.each([
  ['a phrase that **crosses *all* form**atting', 'a phrase that crosses all formatting'],
  ['a `code` span, a [link](https://example.com) and ~~gone~~', 'a code span, a link and gone'],
  ['one line\nand the next', 'one line and the next'],
  ['one line\\\nand the next', 'one line\nand the next'],
  ['# A *heading*\n\nText', 'A heading\nText'],
  ['- one **item**\n- two\n  - three', 'one item\ntwo\nthree'],
  ['- [x] done', 'done'],
  ['> a _quote_', 'a quote'],
  ['| a **b** | c |\n| - | - |\n| d | e |', 'a b c\nd e'],
  ['```ts\nconst *a* = 1;\n```', 'const *a* = 1;\n'],
  ['&amp; \\*no emphasis\\*', '& *no emphasis*'],
  ['![A picture](https://example.com/a.png)', 'A picture'],
  ['The sum $a+b$ is\n\n$$\nc\n$$', 'The sum a+b is\nc'],
  ['', ''],
])('turns %j into the words that a reader sees', (source, words) => {
  expect(shown(source)).toBe(words);
});

test.each([
  ['Plain words, "quoted" (and more): well-known at 3 p.m.\n\nA second one.', true],
  ['A **claim**', false],
  ['Words\n- one', false],
  ['Words\n1. one', false],
  ['Words\n===', false],
  ['    code', false],
  ['See https://example.com', false],
])('%j is shown unparsed: %s', (source, isAsWritten) => {
  expect(isShownAsWritten(source)).toBe(isAsWritten);
  if (isAsWritten) expect(shown(source)).toBe(source.replaceAll('\n\n', '\n'));
});
