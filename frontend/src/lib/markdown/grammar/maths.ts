/**
 * Adds formulas to markdown-it: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, and blocks that begin with `$$` or `\[` at the
 * start of a line. A block works like a code fence, so no later line can change where it began. After a delimiter on a
 * line of its own it ends at the other one on a line of its own; otherwise at the line that ends with the delimiter, or
 * at a blank line. Other dollars stay text (`formulaText.ts`).
 */
import type MarkdownIt from 'markdown-it';
import type { StateBlock, StateInline } from 'markdown-it';
import { type Closing, createScans, type FormulaScan } from './formulaScan.ts';
import { isFormula, isProse, isWordsOnly, spanBetween } from './formulaText.ts';

/** Longer formulas are text: the search for a closing delimiter must stay short. */
const maxSourceCharacters = 10_000;

export function maths(parser: InstanceType<typeof MarkdownIt>): void {
  const alt = ['paragraph', 'reference', 'blockquote', 'list'];
  parser.block.ruler.before('fence', 'math_block', mathBlock, { alt });
  const scanOf = createScans();
  parser.inline.ruler.before(
    'escape',
    'math_brackets',
    (state, isSilent) => state.src[state.pos] === '\\' && mathBrackets(state, isSilent, scanOf(state)),
  );
  parser.inline.ruler.after(
    'escape',
    'math_dollars',
    (state, isSilent) => state.src[state.pos] === '$' && mathDollars(state, isSilent, scanOf(state)),
  );
}

function mathBlock(state: StateBlock, startLine: number, endLine: number, isSilent: boolean): boolean {
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const firstLine = lineText(state, startLine);
  const markup = firstLine.slice(0, 2);
  if (markup !== '$$' && markup !== '\\[') return false;
  const isAlone = firstLine.length === 2;
  if (!isAlone && !beginsFormula(firstLine)) return false;
  if (isSilent) return true;
  const closing = markup === '$$' ? '$$' : '\\]';
  if (isAlone) writeBlock(state, startLine, endLine, closing);
  else writeParagraph(state, startLine, endLine, closing);
  return true;
}

/** True for a first line that has more than its delimiter, if its formula is not closed on the same line. */
function beginsFormula(line: string): boolean {
  const rest = line.slice(2);
  const isClosed = line.startsWith('$') ? rest.includes('$') : rest.includes('\\]');
  // In `\[text](address)` the bracket does not belong to a link.
  return !isClosed && !(line.startsWith('\\') && rest.includes(']')) && !isProse(rest.trim());
}

/** Reads from a line with only the opening delimiter to one with only the closing delimiter. */
function writeBlock(state: StateBlock, startLine: number, endLine: number, closing: string): void {
  const columns = state.sCount[startLine] ?? 0;
  let line = startLine + 1;
  let isClosed = false;
  for (; line < endLine; line += 1) {
    if (isOutside(state, line)) break;
    isClosed = lineText(state, line) === closing;
    if (isClosed) break;
  }
  const content = state.getLines(startLine + 1, line, columns, true);
  pushBlock(state, startLine, isClosed ? line + 1 : line, content, isClosed);
}

/** Reads from a line that begins with the delimiter to the one that ends with it, or to a blank line before that. */
function writeParagraph(state: StateBlock, startLine: number, endLine: number, closing: string): void {
  const lines = [lineText(state, startLine).slice(2)];
  let line = startLine + 1;
  let isClosed = false;
  for (; line < endLine && !isClosed; line += 1) {
    if (state.isEmpty(line) || isOutside(state, line)) break;
    const text = lineText(state, line);
    isClosed = text.endsWith(closing);
    lines.push(isClosed ? text.slice(0, -closing.length) : text);
  }
  pushBlock(state, startLine, line, `${lines.join('\n')}\n`, isClosed);
}

/** True for a line that is not in the list item or the quote of the block. */
function isOutside(state: StateBlock, line: number): boolean {
  return !state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent;
}

function pushBlock(
  state: StateBlock,
  startLine: number,
  endLine: number,
  content: string,
  isClosed: boolean,
): void {
  state.line = endLine;
  const token = state.push('math_block', '', 0);
  token.markup = lineText(state, startLine).slice(0, 2);
  token.content = content;
  token.map = [startLine, endLine];
  token.meta = { isClosed };
}

function lineText(state: StateBlock, line: number): string {
  const start = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  return state.src.slice(start, state.eMarks[line]).trimEnd();
}

function mathBrackets(state: StateInline, isSilent: boolean, scan: FormulaScan): boolean {
  const opening = state.src[state.pos + 1];
  if (opening !== '(' && opening !== '[') return false;
  const start = state.pos + 2;
  const end = findEnd(state, scan, opening === '(' ? '\\)' : '\\]', start);
  // Escaped brackets next to each other are not a formula.
  if (end < 0 || scan.nextWord(start) >= end) return false;
  push(state, isSilent, { start, end, delimiterLength: 2, isDisplay: opening === '[' });
  return true;
}

function mathDollars(state: StateInline, isSilent: boolean, scan: FormulaScan): boolean {
  const { src, pos } = state;
  if (src[pos + 1] === '$') {
    const end = findEnd(state, scan, '$$', pos + 2);
    if (end < 0) return false;
    const source = src.slice(pos + 2, end);
    if (source.trim() === '' || isWordsOnly(source)) return false;
    push(state, isSilent, { start: pos + 2, end, delimiterLength: 2, isDisplay: true });
    return true;
  }
  const end = findEnd(state, scan, '$', pos + 1);
  if (end < 0 || !isFormula(spanBetween(src, pos, end))) return false;
  push(state, isSilent, { start: pos + 1, end, delimiterLength: 1, isDisplay: false });
  return true;
}

/** Position of the next `closing` that no backslash escapes; -1 when there is none within the limit. */
function findEnd(state: StateInline, scan: FormulaScan, closing: Closing, start: number): number {
  const end = scan.next(closing, start);
  return end < Math.min(state.posMax, start + maxSourceCharacters) ? end : -1;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly delimiterLength: number;
  readonly isDisplay: boolean;
}

function push(state: StateInline, isSilent: boolean, span: Span): void {
  if (!isSilent) {
    const token = state.push(span.isDisplay ? 'math_display' : 'math_inline', '', 0);
    token.content = state.src.slice(span.start, span.end);
    token.meta = { isClosed: true };
  }
  state.pos = span.end + span.delimiterLength;
}
