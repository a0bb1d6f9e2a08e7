/** Makes a choice that depends on a text only, so that the same message always gets the same answer. */

/** Picks one entry by hashing the text (FNV-1a, 32 bit); `undefined` for an empty list. */
export function pickByText<Entry>(text: string, entries: readonly Entry[]): Entry | undefined {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return entries[hash % Math.max(1, entries.length)];
}
