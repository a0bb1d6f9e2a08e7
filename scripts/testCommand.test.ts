/** Tests the meaning of the words after `npm test --`. */
import { expect, test } from 'vitest';
import { parseTestCommand } from './testCommand.ts';

test('no words run everything', () => {
  expect(parseTestCommand([])).toEqual({ parts: ['unit', 'browser', 'e2e'], filters: [] });
});

test('a part may be followed by filters and options for its runner', () => {
  const expected = { parts: ['unit'], filters: ['fold', '-t', 'gap'] };
  expect(parseTestCommand(['unit', 'fold', '-t', 'gap'])).toEqual(expected);
});

test('several parts run in the order given, each once', () => {
  expect(parseTestCommand(['e2e', 'unit', 'e2e'])).toEqual({ parts: ['e2e', 'unit'], filters: [] });
});

test('a filter without one part is refused', () => {
  expect(() => parseTestCommand(['fold'])).toThrow('"fold" needs one part before it');
  expect(() => parseTestCommand(['unit', 'e2e', 'fold'])).toThrow('needs one part');
});
