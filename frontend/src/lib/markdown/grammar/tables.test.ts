import { expect, test } from 'vitest';
import { treeHtml } from '../markdownTestBench.ts';
import { parseDocument } from '../parseDocument.ts';

const tableOf = (columns: number): string =>
  `${'|a'.repeat(columns)}|\n${'|-'.repeat(columns)}|\n${'|b'.repeat(columns)}|\n`;
const html = (text: string): string => treeHtml(parseDocument(text));

test('a table of 250 columns is drawn, a wider one is shown as its source', () => {
  expect(html(tableOf(250))).toContain('<table>');
  expect(html(tableOf(251))).not.toContain('<table>');
  expect(html(tableOf(251))).toContain('|a|a|a');
});
