/** Makes texts in six languages from a seed. A few words are as frequent as in real texts, and most are rare. */

/** Makes a generator of numbers from 0 to below 1, the same for each seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const syllables = {
  english: 'the ing er on an re st en al ti ed or in ra li ma co de un pro con ter ment ly ness'.split(' '),
  german: 'der die sch en er ge be ver ung lich keit ein aus straß größ über mäch tig heit wert'.split(' '),
  russian: 'про по на раз ние ость тель ств ка ло ре ва сти ный ёж чик го ро до мо вы'.split(' '),
  arabic: 'ال مُ كت ب در س ون ات في مع لا نا ها تا ري خي ما كا'.split(' '),
};
export const languages = ['english', 'german', 'russian', 'arabic', 'chinese', 'japanese'] as const;
export type Language = (typeof languages)[number];

const vocabularySize = 12_000;
const firstHan = 0x4e00;
const hanCount = 3000;
const firstKana = 0x3042;
const kanaCount = 80;

/** Words of one language. `word` returns frequent and rare words at random, `rareWord` returns each word once. */
export class Vocabulary {
  readonly language: Language;
  readonly #random: () => number;
  readonly #words: string[] = [];

  constructor(language: Language, random: () => number) {
    this.language = language;
    this.#random = random;
    for (let index = 0; index < vocabularySize; index += 1) this.#words.push(this.#make(1, 4));
  }

  /** Half of all words are among the first hundred. */
  word(): string {
    return this.#words[Math.floor(vocabularySize ** this.#random()) - 1] ?? '';
  }

  rareWord(): string {
    return this.#make(5, 7);
  }

  text(words: number): string {
    const hasSpaces = this.language !== 'chinese' && this.language !== 'japanese';
    return Array.from({ length: words }, () => this.word()).join(hasSpaces ? ' ' : '');
  }

  #make(fewest: number, most: number): string {
    const count = fewest + Math.floor(this.#random() * (most - fewest + 1));
    return Array.from({ length: count }, () => this.#part()).join('');
  }

  #part(): string {
    const random = this.#random();
    if (this.language === 'chinese')
      return String.fromCodePoint(firstHan + Math.floor(hanCount ** random) * 7);
    if (this.language === 'japanese') {
      const isKana = this.#random() < 0.6;
      return String.fromCodePoint(
        isKana ? firstKana + Math.floor(random * kanaCount) : firstHan + Math.floor(hanCount ** random) * 7,
      );
    }
    const parts = syllables[this.language];
    return parts[Math.floor(random * parts.length)] ?? '';
  }
}
