/**
 * Cuts the open tail to the part that is worth showing: a last line that may still turn into structure is held back, so
 * that headings, rules, fences and tables do not flash as text. Display only; no text is lost.
 */

export interface VisibleTail {
  readonly text: string;
  /** False when something at the end is held back. */
  readonly isWhole: boolean;
}

/** Only characters of block markers; a number may begin an ordered list. The pattern does not backtrack. */
const marker = /^(?:[-+*_=#>|`~:$\s[\]]*|\\\[?|\d{1,9}[.)]?[ \t]*)$/;
const quoteMarkers = /^[ \t>]*/;
const fenceOpening = /(?:^|[ \t>])(?:`{3}[^`]*$|~{3})/;
const tableRow = /^[ \t>]*\|/;

/** `lines` are whole lines, `partialLine` is the text after the last line end. Inside a table every line is a row. */
export function visibleTail(lines: string, partialLine: string, isInTable: boolean): VisibleTail {
  if (marker.test(partialLine.replace(quoteMarkers, '')) || fenceOpening.test(partialLine)) {
    return { text: isInTable ? lines : withoutTableHeader(lines), isWhole: false };
  }
  const all = lines + partialLine;
  const text = isInTable ? all : withoutTableHeader(all);
  return { text, isWhole: text.length === all.length };
}

/** Removes a last line that looks like a table's header until the next line shows what it is. */
function withoutTableHeader(text: string): string {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  const lastStart = text.lastIndexOf('\n', end - 1) + 1;
  if (end === 0 || !tableRow.test(text.slice(lastStart, end))) return text;
  const previousStart = lastStart === 0 ? 0 : text.lastIndexOf('\n', lastStart - 2) + 1;
  const hasRowAbove = lastStart > 0 && tableRow.test(text.slice(previousStart, lastStart));
  return hasRowAbove ? text : text.slice(0, lastStart);
}
