/** Cuts a snippet out of a text around the first match. */
import { foldText, foldWithPositions } from '@rill/protocol';

const charactersBefore = 50;
const charactersAfter = 170;
/** How far a cut may move to fall between two words. */
const charactersOfWord = 20;

export function cutSnippet(text: string, terms: readonly string[]): string {
  const at = firstPosition(text, terms);
  const start = at <= charactersBefore ? 0 : startOfWord(text, at - charactersBefore, at);
  const end = text.length <= at + charactersAfter ? text.length : endOfWord(text, at + charactersAfter);
  const words = text.slice(start, end).toWellFormed().replaceAll('\uFFFD', '').replace(/\s+/g, ' ').trim();
  return `${start > 0 ? '…' : ''}${words}${end < text.length ? '…' : ''}`;
}

/** The position of the first match in the original text. */
function firstPosition(text: string, terms: readonly string[]): number {
  const folded = foldText(text);
  const found = terms.map((term) => folded.indexOf(term)).filter((at) => at >= 0);
  if (found.length === 0) return 0;
  const at = Math.min(...found);
  // Mostly folding changes no length.
  return folded.length === text.length ? at : foldWithPositions(text).rangeOf(at, at + 1).start;
}

function startOfWord(text: string, from: number, limit: number): number {
  const blank = text.slice(from, Math.min(limit, from + charactersOfWord)).search(/\s/);
  return blank < 0 ? from : from + blank + 1;
}

function endOfWord(text: string, to: number): number {
  const last = text.slice(to - charactersOfWord, to).search(/\s\S*$/);
  return last < 0 ? to : to - charactersOfWord + last;
}
