/**
 * Parses JSON text from outside into values that are safe to keep and to serialize: not so many that they fill the memory,
 * and not nested so deep that recursion overflows the stack. Values that are nested too deep become null.
 */

/** In UTF-16 units. A shorter text can have neither too many values nor too many levels. */
const uncheckedLength = 1000;
/** Values of one text. Each takes up to about 100 bytes, however short its text is. */
const maxValues = 500_000;
const maxDepth = 100;

/** Errors: SyntaxError for text that is not JSON, RangeError for too many values. */
export function parseBoundedJson(text: string): unknown {
  if (text.length <= uncheckedLength) return JSON.parse(text);
  const { valueCount, depth } = measure(text);
  if (valueCount > maxValues) throw new RangeError('The JSON has too many values.');
  const value: unknown = JSON.parse(text);
  if (depth > maxDepth) prune(value);
  return value;
}

/** Counts values and levels: exact for JSON, never too low for other text. O(length); strings are skipped. */
function measure(text: string): { readonly valueCount: number; readonly depth: number } {
  let [valueCount, depth, level] = [1, 0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === quote) {
      index = endOfString(text, index);
      if (index < 0) break;
    } else if (unit === comma) valueCount += 1;
    else if (unit === openBracket || unit === openBrace) {
      valueCount += 1;
      level += 1;
      if (level > depth) depth = level;
    } else if (unit === closeBracket || unit === closeBrace) level -= 1;
  }
  return { valueCount, depth };
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Index of the quote that ends the string which begins at `start`; -1 if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** Level by level, because recursion would overflow the stack. */
function prune(value: unknown): void {
  let level: object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: object[] = [];
    for (const parent of level) {
      for (const [name, child] of Object.entries(parent)) {
        if (!isNested(child)) continue;
        if (depth < maxDepth) next.push(child);
        else Reflect.set(parent, name, null);
      }
    }
    level = next;
  }
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
