/**
 * Replaces markdown-it's rule for tables. It finds the same tables, but fills a short row with a few cells at most, the
 * last of which spans the rest, so that short rows below a wide head cannot multiply the text. Each row depends only on
 * its own line and on the head.
 */
import type MarkdownIt from 'markdown-it';
import type { StateBlock } from 'markdown-it';
import { FormulaScan } from './formulaScan.ts';
import { isFormula, spanBetween } from './formulaText.ts';

/** Browsers take seconds to lay out thousands of columns; a table with more than this stays text. */
const maxColumns = 250;
/** A row that lacks more cells than this gets a single one that spans the remaining columns. */
const maxFilledCells = 3;

type Align = '' | 'left' | 'right' | 'center';

interface Head {
  readonly cells: readonly string[];
  readonly aligns: readonly Align[];
}

export function tables(parser: InstanceType<typeof MarkdownIt>): void {
  const table = (state: StateBlock, startLine: number, endLine: number, isSilent: boolean): boolean => {
    const head = readHead(state, startLine, endLine);
    if (!head) return false;
    if (!isSilent) writeTable(state, startLine, endLine, head);
    return true;
  };
  parser.block.ruler.at('table', table, { alt: ['paragraph', 'reference'] });
}

/** Reads the two lines that begin a table; null when they do not. */
function readHead(state: StateBlock, startLine: number, endLine: number): Head | null {
  if (startLine + 2 > endLine || isIndented(state, startLine)) return null;
  const delimiterLine = startLine + 1;
  if ((state.sCount[delimiterLine] ?? 0) < state.blkIndent || isIndented(state, delimiterLine)) return null;
  const delimiters = lineText(state, delimiterLine);
  if (!/^(?:[|:][-|: \t]|-[-|:])[-|: \t]*$/.test(delimiters)) return null;
  const text = lineText(state, startLine).trim();
  if (!text.includes('|')) return null;
  const aligns = readAligns(delimiters);
  if (!aligns || aligns.length > maxColumns) return null;
  const cells = cellsOf(text);
  return cells.length > 0 && cells.length === aligns.length ? { cells, aligns } : null;
}

function isIndented(state: StateBlock, line: number): boolean {
  return (state.sCount[line] ?? 0) - state.blkIndent >= 4;
}

function lineText(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
}

function readAligns(line: string): Align[] | null {
  const columns = line.split('|').map((column) => column.trim());
  const aligns: Align[] = [];
  for (const [index, column] of columns.entries()) {
    if (column === '' && (index === 0 || index === columns.length - 1)) continue;
    if (!/^:?-+:?$/.test(column)) return null;
    aligns.push(alignOf(column));
  }
  return aligns;
}

function alignOf(column: string): Align {
  if (column.endsWith(':')) return column.startsWith(':') ? 'center' : 'right';
  return column.startsWith(':') ? 'left' : '';
}

/**
 * The cells of a row, without the empty ones outside its outer pipes. A pipe after a backslash is text; one inside a
 * formula belongs to the formula, with its backslash.
 */
function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let start = 0;
  const formulas = formulasOf(row);
  let formula = formulas.next();
  for (let pipe = row.indexOf('|'); pipe >= 0; pipe = row.indexOf('|', pipe + 1)) {
    while (!formula.done && formula.value.end < pipe) formula = formulas.next();
    if (!formula.done && formula.value.start < pipe) continue;
    if (row[pipe - 1] === '\\') {
      cell += row.slice(start, pipe - 1);
      start = pipe;
    } else {
      cells.push(cell + row.slice(start, pipe));
      cell = '';
      start = pipe + 1;
    }
  }
  cells.push(cell + row.slice(start));
  if (cells[0] === '') cells.shift();
  if (cells.at(-1) === '') cells.pop();
  return cells;
}

interface Formula {
  readonly start: number;
  readonly end: number;
}

/** Formulas of a row between single dollars or `\\(` and `\\)`, in order; code contains none. */
function* formulasOf(row: string): Generator<Formula, undefined> {
  const scan = new FormulaScan(row);
  const opening = /\\[\s\S]|`+|\$/g;
  for (let match = opening.exec(row); match; match = opening.exec(row)) {
    const { 0: markup, index: start } = match;
    let end = Number.POSITIVE_INFINITY;
    if (markup === '$') {
      end = scan.next('$', start + 1);
      if (end < row.length && !isFormula(spanBetween(row, start, end))) continue;
    } else if (markup === '\\(') {
      end = scan.next('\\)', start + 2) + 1;
    } else if (markup.startsWith('`')) {
      end = row.indexOf(markup, start + markup.length) + markup.length - 1;
      if (end > start) opening.lastIndex = end + 1;
      continue;
    }
    if (end >= row.length) continue;
    yield { start, end };
    opening.lastIndex = end + 1;
  }
}

function writeTable(state: StateBlock, startLine: number, endLine: number, { cells, aligns }: Head): void {
  const parentType = state.parentType;
  // Otherwise a list marker in a row would be read as one that ends a paragraph.
  state.parentType = 'table';
  const table = state.push('table_open', 'table', 1);
  state.push('thead_open', 'thead', 1).map = [startLine, startLine + 1];
  writeRow(state, startLine, 'th', cells, aligns);
  state.push('thead_close', 'thead', -1);
  const bodyLine = startLine + 2;
  let line = bodyLine;
  for (; line < endLine; line += 1) {
    const row = readRow(state, line, endLine);
    if (!row) break;
    if (line === bodyLine) state.push('tbody_open', 'tbody', 1);
    writeRow(state, line, 'td', row, aligns);
  }
  if (line > bodyLine) state.push('tbody_close', 'tbody', -1);
  state.push('table_close', 'table', -1);
  table.map = [startLine, line];
  state.parentType = parentType;
  state.line = line;
}

/** The cells of the row in `line`, or null when the table ends before it. */
function readRow(state: StateBlock, line: number, endLine: number): string[] | null {
  if ((state.sCount[line] ?? 0) < state.blkIndent || isIndented(state, line)) return null;
  const text = lineText(state, line).trim();
  if (text === '') return null;
  const enders = state.md.block.ruler.getRules('blockquote');
  return enders.some((rule) => rule(state, line, endLine, true)) ? null : cellsOf(text);
}

function writeRow(
  state: StateBlock,
  line: number,
  tag: 'th' | 'td',
  cells: readonly string[],
  aligns: readonly Align[],
): void {
  state.push('tr_open', 'tr', 1).map = [line, line + 1];
  const missing = aligns.length - cells.length;
  const isSpanned = missing > maxFilledCells;
  const count = isSpanned ? cells.length + 1 : aligns.length;
  for (let column = 0; column < count; column += 1) {
    const open = state.push(`${tag}_open`, tag, 1);
    const align = aligns[column];
    if (isSpanned && column === cells.length) open.attrs = [['colspan', String(missing)]];
    else if (align) open.attrs = [['style', `text-align:${align}`]];
    const inline = state.push('inline', '', 0);
    inline.content = cells[column]?.trim() ?? '';
    inline.children = [];
    state.push(`${tag}_close`, tag, -1);
  }
  state.push('tr_close', 'tr', -1);
}
