/** Small tools of wording that the almanac's pages share. */

/** The entry for a running number; the list is gone through in turn. */
export function pick<Entry>(index: number, entries: readonly [Entry, ...Entry[]]): Entry {
  return entries[index % entries.length] ?? entries[0];
}

/** "1, 2 and 3". */
export function listWords(words: readonly (string | number)[]): string {
  const last = words.at(-1);
  if (last === undefined) return '';
  return words.length === 1 ? String(last) : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Words of a text: runs between spaces that hold a letter or a digit. */
export function countWords(text: string): number {
  return text.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run)).length;
}
