/**
 * Distinguishes formulas between dollars from the dollars of shells, templates and prices, only by the text between two
 * delimiters and the characters next to them.
 */

export interface DollarSpan {
  readonly source: string;
  /** The character before the opening dollar, and the two after the closing one; empty at an end of the text. */
  readonly before: string;
  readonly after: string;
}

/** Describes the dollars at two positions of `text` and what is between them. */
export function spanBetween(text: string, opening: number, closing: number): DollarSpan {
  return {
    source: text.slice(opening + 1, closing),
    before: text.charAt(opening - 1),
    after: text.slice(closing + 1, closing + 3),
  };
}

/** True when the text between two single dollars is a formula. */
export function isFormula({ source, before, after }: DollarSpan): boolean {
  if (isScript(source)) return !/[$\\]/.test(before);
  if (source === '' || /^\s|\s$|\n/.test(source)) return false;
  if (/[\p{L}\p{N}$]/u.test(before) || /^[\p{L}\p{N}]/u.test(after)) return false;
  // Text after the dollar of a variable: ${b}, $(b), $[b], $.b, $_, $!.
  if (/^[{[(_]|^[.]\p{L}/u.test(after)) return false;
  if (/^[+=<>*-]$/.test(source)) return true;
  if (/^[/)\]},;:.'"?*#&@%!_^]/.test(source) && !/^[.]\d/.test(source)) return false;
  if (/["`@]|(?<!\\)[#$]/.test(source)) return false;
  if (/(?<![\^_\\])[-+*=<>/([{_^&]$/.test(source)) return false;
  return hasEvenBrackets(source) && !hasOpenPipe(source) && !isProse(source);
}

/** True when the text between two double dollars on one line is prose and not a formula. */
export function isWordsOnly(source: string): boolean {
  return /^\s[\p{L}\p{M}\s,.;'’-]*\s$/u.test(source) && /\p{L}{2}/u.test(source);
}

/** True for a line of prose: two words in a row, and nothing of TeX. */
export function isProse(source: string): boolean {
  const words = source.replace(/\\[A-Za-z]+(?:\{[^}]{0,200}\})?/g, '');
  if (/^\d/.test(source)) return /\p{L}{2}/u.test(words);
  return /(?<![\p{L}\\])\p{L}{3,} \p{L}{2,}/u.test(words) && !/[\\^_=<>]/.test(source);
}

/** An index or an exponent by itself, as in H$_2$O. */
function isScript(source: string): boolean {
  return /^[_^](?:\{[^{}$]{1,40}\}|[\p{L}\p{N}+-]|\\[A-Za-z]{1,20})$/u.test(source);
}

/** Round and square brackets may close each other, as in half-open intervals. */
function hasEvenBrackets(source: string): boolean {
  let braces = 0;
  let brackets = 0;
  for (const { 0: character } of source.replace(/\\[^A-Za-z]/g, '').matchAll(/[{}()[\]]/g)) {
    if (character === '{') braces += 1;
    else if (character === '}') braces -= 1;
    else brackets += character === '(' || character === '[' ? 1 : -1;
    if (braces < 0 || brackets < 0) return false;
  }
  return braces === 0 && brackets === 0;
}

/** True for a pipe that is neither one of a pair, as in |x|, nor inside brackets, as in P(A|B). */
function hasOpenPipe(source: string): boolean {
  let depth = 0;
  let outside = 0;
  for (const { 0: part } of source.matchAll(/\\[\s\S]|[{}()[\]|]/g)) {
    if (part === '\\{' || part === '{' || part === '(' || part === '[') depth += 1;
    else if (part === '\\}' || part === '}' || part === ')' || part === ']') depth -= 1;
    else if (part === '|' && depth <= 0) outside += 1;
  }
  return outside % 2 === 1;
}
