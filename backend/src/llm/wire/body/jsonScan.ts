/** Finds where the JSON values of a text begin and end, without parsing them. Brackets in strings do not count. */

const marks = /["{}[\]]/g;
const stringEnd = /["\\]/g;

/** Counts how deep inside objects and lists a text is. Each added text must end outside a string, as lines of JSON do. */
export class JsonDepth {
  #depth = 0;

  /** The depth after `text`; 0 or less at the end of a value. */
  add(text: string): number {
    marks.lastIndex = 0;
    for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
      if (match[0] === '"') marks.lastIndex = endOfString(text, marks.lastIndex);
      else this.#depth += match[0] === '{' || match[0] === '[' ? 1 : -1;
    }
    return this.#depth;
  }
}

/**
 * The objects and lists of a text with nothing between them but blanks, commas and `data:`. Null for any other text, and
 * for a text that ends inside a value.
 */
export function splitJsonValues(text: string): string[] | null {
  const values: string[] = [];
  let position = 0;
  for (;;) {
    const gap = /^(?:\s|,|data:)*/.exec(text.slice(position, position + 256))?.[0].length ?? 0;
    position += gap;
    if (position === text.length) return values;
    const end = endOfValue(text, position);
    if (end === null) return null;
    values.push(text.slice(position, end));
    position = end;
  }
}

function endOfValue(text: string, start: number): number | null {
  if (text[start] !== '{' && text[start] !== '[') return null;
  let depth = 0;
  marks.lastIndex = start;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    if (match[0] === '"') marks.lastIndex = endOfString(text, marks.lastIndex);
    else depth += match[0] === '{' || match[0] === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return null;
}

/** Index after the quote that closes the string opened before `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  stringEnd.lastIndex = start;
  for (let match = stringEnd.exec(text); match !== null; match = stringEnd.exec(text)) {
    if (match[0] === '"') return stringEnd.lastIndex;
    stringEnd.lastIndex += 1;
  }
  return text.length;
}
