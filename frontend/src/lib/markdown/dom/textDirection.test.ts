import { expect, test } from 'vitest';
import { parseDocument } from '../parseDocument.ts';
import { fieldDirection, nodeDirection } from './textDirection.ts';

test.each([
  ['hello שלום', 'ltr'],
  ['שלום hello', 'rtl'],
  ['12. (*مرحبا* hello)', 'rtl'],
  ['> - **1** – ‏"שלום" and', 'rtl'],
  ['𐤀𐤁 abc', 'rtl'],
  ['中文 שלום', 'ltr'],
  ['$a$ שלום', 'rtl'],
  ['1 + 2 = 3', null],
  ['|1|\n|-|\n||', null],
  ['|1|\n|-|\n|מילה|', 'rtl'],
])('%s', (source, direction) => {
  const [node] = parseDocument(source);
  expect(node && nodeDirection(node)).toBe(direction);
});

test.each([
  ['', 'ltr'],
  ['hello\n\n1 + 2', 'ltr'],
  ['hello\n\nשלום', 'auto'],
  ['𐤀', 'auto'],
])('a field with %j has the direction %s', (text, direction) => {
  expect(fieldDirection(text)).toBe(direction);
});
