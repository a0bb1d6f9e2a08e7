import { expect, test } from 'vitest';
import { commandOf, formatTable } from './report.ts';

test('a command is shown as typed, without the folder for the results', () => {
  expect(commandOf(['log', '--quick', '--out', 'docs/benchmarks'])).toBe('npm run bench:log -- --quick');
  expect(commandOf(['relay', '--out=there'])).toBe('npm run bench:relay');
  expect(commandOf(['--rounds', '2'])).toBe('npm run bench -- --rounds 2');
  expect(commandOf([])).toBe('npm run bench');
});

test('a table aligns numbers right and words left, and shows a missing number as "-"', () => {
  const table = {
    title: 'T',
    head: ['name', 'ms', 'plan'],
    rows: [
      ['a', 1.234, 'by key'],
      ['long name', Number.NaN, 'x'],
    ],
  };
  expect(formatTable(table)).toBe(
    'T\n  name         ms  plan\n  a          1.23  by key\n  long name     -  x',
  );
});
