/**
 * A markdown-it plugin for formulas: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, and blocks whose first and last lines are
 * `$$`, or `\[` and `\]`, alone. A block runs like a code fence, so no later line can change where it began.
 * A single `$` before an amount of money stays text.
 */
import type MarkdownIt from 'markdown-it';
import type { StateBlock, StateInline } from 'markdown-it';

/** Longer formulas are text: the search for a closing delimiter must stay short. */
const maxSourceCharacters = 10_000;

export function maths(parser: InstanceType<typeof MarkdownIt>): void {
  const alt = ['paragraph', 'reference', 'blockquote', 'list'];
  parser.block.ruler.before('fence', 'math_block', mathBlock, { alt });
  parser.inline.ruler.before('escape', 'math_brackets', mathBrackets);
  parser.inline.ruler.after('escape', 'math_dollars', mathDollars);
}

function mathBlock(state: StateBlock, startLine: number, endLine: number, isSilent: boolean): boolean {
  const columns = state.sCount[startLine] ?? 0;
  if (columns - state.blkIndent >= 4) return false;
  const markup = lineText(state, startLine);
  if (markup !== '$$' && markup !== '\\[') return false;
  if (isSilent) return true;
  const closing = markup === '$$' ? '$$' : '\\]';
  let line = startLine + 1;
  let isClosed = false;
  for (; line < endLine; line += 1) {
    if (!state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent) break;
    isClosed = lineText(state, line) === closing;
    if (isClosed) break;
  }
  state.line = isClosed ? line + 1 : line;
  const token = state.push('math_block', '', 0);
  token.markup = markup;
  token.content = state.getLines(startLine + 1, line, columns, true);
  token.map = [startLine, state.line];
  token.meta = { isClosed };
  return true;
}

function lineText(state: StateBlock, line: number): string {
  const start = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  return state.src.slice(start, state.eMarks[line]).trimEnd();
}

function mathBrackets(state: StateInline, isSilent: boolean): boolean {
  if (state.src[state.pos] !== '\\') return false;
  const opening = state.src[state.pos + 1];
  if (opening !== '(' && opening !== '[') return false;
  const start = state.pos + 2;
  const end = findEnd(state, opening === '(' ? '\\)' : '\\]', start);
  // Escaped brackets beside each other are no formula.
  if (end < 0 || !/[\p{L}\p{N}]/u.test(state.src.slice(start, end))) return false;
  push(state, isSilent, { start, end, delimiterLength: 2, isDisplay: opening === '[' });
  return true;
}

function mathDollars(state: StateInline, isSilent: boolean): boolean {
  const { src, pos } = state;
  if (src[pos] !== '$') return false;
  if (src[pos + 1] === '$') {
    const end = findEnd(state, '$$', pos + 2);
    if (end < 0 || src.slice(pos + 2, end).trim() === '') return false;
    push(state, isSilent, { start: pos + 2, end, delimiterLength: 2, isDisplay: true });
    return true;
  }
  const end = findEnd(state, '$', pos + 1);
  if (end < 0 || !isFormula(src.slice(pos + 1, end))) return false;
  if (/[\p{L}\p{N}$]/u.test(src.charAt(pos - 1)) || /[\p{L}\p{N}]/u.test(src.charAt(end + 1))) return false;
  push(state, isSilent, { start: pos + 1, end, delimiterLength: 1, isDisplay: false });
  return true;
}

/** Between single dollars. "5 apples cost " and the like is prose between two amounts. */
function isFormula(source: string): boolean {
  if (source === '' || /^\s|\s$|\n/.test(source)) return false;
  if (!/^\d/.test(source)) return true;
  const withoutCommands = source.replace(/\\[A-Za-z]+(?:\{[^}]*\})?/g, '');
  return !/\p{L}{2}/u.test(withoutCommands);
}

/** Position of `closing` that no backslash escapes; -1 when there is none near enough. */
function findEnd(state: StateInline, closing: string, start: number): number {
  const limit = Math.min(state.posMax, start + maxSourceCharacters);
  for (let end = state.src.indexOf(closing, start); end >= 0 && end < limit; ) {
    if (!isEscaped(state.src, end)) return end;
    end = state.src.indexOf(closing, end + 1);
  }
  return -1;
}

function isEscaped(text: string, position: number): boolean {
  let start = position;
  while (text[start - 1] === '\\') start -= 1;
  return (position - start) % 2 === 1;
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
