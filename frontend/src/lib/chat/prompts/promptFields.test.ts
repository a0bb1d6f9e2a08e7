import { expect, test } from 'vitest';
import { findFields, nextField } from './promptFields.ts';

const named = (text: string) => findFields(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ['Write about {{topic}} for {{ the reader }}.', ['{{topic}}', '{{ the reader }}']],
  ['{{größe}} und {{数}} und {{part_2.a}}', ['{{größe}}', '{{数}}', '{{part_2.a}}']],
  ['A {{ that never ends', []],
  ['{{}} and {{ }} and {{#if x}} and {{"x"}}', []],
  [`{{${'a'.repeat(80)}}}`, []],
  ['{{two\nlines}}', []],
  ['{{{x}}}', ['{{x}}']],
])('%j has the fields %j', (text, fields) => {
  expect(named(text)).toEqual(fields);
});

test('the next field is the one after the selection, and after the last one the first one again', () => {
  const text = '{{a}} {{b}} {{c}}';
  const go = (start: number, end: number, direction: 1 | -1 = 1) =>
    nextField(text, { start, end }, direction)?.start;
  expect([go(0, 0), go(0, 5), go(6, 11), go(12, 17)]).toEqual([0, 6, 12, 0]);
  expect([go(12, 17, -1), go(6, 11, -1), go(0, 5, -1)]).toEqual([6, 0, 12]);
  expect(nextField('no field', { start: 0, end: 0 }, 1)).toBeNull();
});
