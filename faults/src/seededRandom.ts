/** Makes repeatable random choices: the same seed gives the same choices in the same order. */

export interface SeededRandom {
  /** From 0 to below 1. */
  fraction(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  isLikely(probability: number): boolean;
  pick<Entry>(entries: readonly Entry[]): Entry;
}

export function createSeededRandom(seed: string): SeededRandom {
  // mulberry32 over a hash of the seed: small, and good enough to choose faults.
  let state = hash(seed);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    integer,
    isLikely: (probability) => fraction() < probability,
    pick(entries) {
      const entry = entries[integer(0, entries.length - 1)];
      if (entry === undefined) throw new Error('Nothing to pick from.');
      return entry;
    },
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value | 0;
}
