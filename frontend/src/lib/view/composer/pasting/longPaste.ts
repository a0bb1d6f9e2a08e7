/** Decides which pastes are long, and names them. */
import { cleanName } from '@rill/protocol';

const maxCharacters = 2000;
const maxLines = 40;
const nameCharacters = 40;
/** Enough of a long text to find its first words in. */
const searchedCharacters = 2000;

export function isLongPaste(text: string): boolean {
  return text.length > maxCharacters || countLines(text, maxLines + 1) > maxLines;
}

/** The first words of a text, in one line, without what turns the direction of the words beside it. */
export function pasteName(text: string): string {
  const words = cleanName(text.slice(0, searchedCharacters), searchedCharacters);
  if (words.length <= nameCharacters) return words;
  const cut = words.slice(0, nameCharacters + 1);
  const end = cut.lastIndexOf(' ');
  return `${[...cut.slice(0, end > nameCharacters / 2 ? end : nameCharacters)].join('')}…`;
}

/** Counts no further than `limit`. */
export function countLines(text: string, limit = Number.POSITIVE_INFINITY): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0 && count < limit; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
