/** Makes the title of a chat from its first message. */
import { charactersOf, cleanName, cutAt } from './cleanName.ts';

/** Longest title made from a message, in characters as readers count them. */
const maxTitleLength = 60;
/** Longest title in UTF-16 units: no longer than a name that a user may type. */
const maxTitleUnits = 200;
/** Most of a message that is read for its title, in UTF-16 units: a bound for any text. */
const maxScannedLength = 20_000;
const maxLines = 200;
/** Most of a line that is read, in UTF-16 units: room for 60 of the longest emoji. */
const maxLineLength = 1200;

/**
 * Makes a title from a first message: its first line with text, without markdown signs, cut at a word; '' if it has
 * none.
 */
export function titleFromContent(content: string): string {
  const lines = content.slice(0, maxScannedLength).split(/[\r\n\u2028\u2029]/, maxLines);
  const first = (toText: (line: string) => string): string => {
    for (const line of lines) {
      const text = cleanName(toText(line.slice(0, maxLineLength)), maxLineLength);
      if (text !== '') return text;
    }
    return '';
  };
  return shortened(first(withoutSigns) || first((line) => line));
}

function withoutSigns(line: string): string {
  return line
    .replace(/^(?:\s*(?:#{1,6}|>|[-*+]|\d{1,9}[.)]|`{3,}\S*)(?:\s+|$))+/u, '')
    .replace(/([*_`]{1,3})(\S[^*_`]*)\1/gu, '$2')
    .replace(/^[-*_\s]+$/u, '');
}

function shortened(line: string): string {
  // A character has at least one unit, so only a longer line has to be split into characters.
  if (line.length <= maxTitleLength) return line;
  const characters = charactersOf(line);
  if (characters.length <= maxTitleLength && line.length <= maxTitleUnits) return line;
  const cut = cutAt(characters.slice(0, maxTitleLength - 1).join(''), maxTitleUnits - 1);
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > cut.length / 2 ? cut.slice(0, lastSpace) : cut).replace(/[\s,;:.–—-]+$/u, '')}…`;
}
