/**
 * Finds the models that fit what was typed, the best first. Every word must fit: as a word of the name or the id, as its
 * beginning, with a slip of a letter, or as something that is asked of a model, such as `cheap`, `vision`, `free` or `200k`.
 */
import type { Model } from '@rill/protocol';
import { askedBy, type ModelQuality } from './modelQualities.ts';

export function findModels(models: readonly Model[], query: string): readonly Model[] {
  const words = foldWords(query);
  if (words.length === 0) return models;
  const asked = words.map((word) => ({ word, quality: askedBy(word) }));
  const found = models.flatMap((model, position) => {
    const score = scoreOf(model, asked);
    return score === null ? [] : [{ model, score, otherWords: foldWords(model.name).length, position }];
  });
  const qualities = asked.flatMap(({ quality }) => quality ?? []);
  return found
    .toSorted(
      (one, other) =>
        other.score - one.score ||
        byQuality(qualities, one.model, other.model) ||
        // The one with the fewest other words is meant.
        one.otherWords - other.otherWords ||
        one.position - other.position,
    )
    .map(({ model }) => model);
}

function byQuality(qualities: readonly ModelQuality[], one: Model, other: Model): number {
  for (const { rank } of qualities) {
    const order = rank ? rank(one) - rank(other) : 0;
    if (order !== 0 && !Number.isNaN(order)) return order;
  }
  return 0;
}

interface AskedWord {
  readonly word: string;
  readonly quality: ModelQuality | null;
}

/** Null when one of the words does not fit. */
function scoreOf(model: Model, asked: readonly AskedWord[]): number | null {
  const texts = textsOf(model);
  let score = 0;
  for (const { word, quality } of asked) {
    const ofName = scoreOfWord(texts, word);
    // `free` in a name and `free` as a price mean the same.
    const ofQuality = quality?.holds(model) ? qualityScore : 0;
    const best = Math.max(ofName, ofQuality);
    if (best === 0) return null;
    score += quality ? ofQuality || best : best;
  }
  return score;
}

const qualityScore = 5;

interface ModelTexts {
  readonly words: readonly string[];
  /** Removes the characters between words: `gpt-5` and `GPT 5` are equal. */
  readonly joined: string;
}

function textsOf({ id, name }: Model): ModelTexts {
  const nameWords = foldWords(name);
  const words = [...new Set([...nameWords, ...foldWords(id)])];
  return { words, joined: `${nameWords.join('')} ${foldWords(id).join('')}` };
}

/** 0 when the word is in none of the model's. */
function scoreOfWord({ words, joined }: ModelTexts, word: string): number {
  if (words.includes(word)) return 10;
  const begun = words.find((each) => each.startsWith(word));
  if (begun !== undefined) return 8 - Math.min(1, (begun.length - word.length) / 10);
  if (joined.includes(word)) return 6;
  const hasSlip = word.length >= minSlipLength && /^[a-z]+$/.test(word);
  return hasSlip && words.some((each) => isOneSlipAway(word, each)) ? 4 : 0;
}

/** Shorter words would be one slip away from too many others. */
const minSlipLength = 4;

/** True when one letter is missing, too many, wrong or swapped in `typed`, in the beginning of `meant` too. */
function isOneSlipAway(typed: string, meant: string): boolean {
  const wholes = [meant, ...[-1, 0, 1].map((more) => meant.slice(0, typed.length + more))];
  return wholes.some((whole) => whole.length >= minSlipLength && isNear(typed, whole));
}

function isNear(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  const shorter = Math.min(one.length, other.length) - start;
  while (end < shorter && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  const isSwapped = left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return isSwapped || (left.length <= 1 && right.length <= 1);
}

/** Words and numbers apart, so that `gpt5` and `llama3.3` are found as `gpt 5` and `llama 3.3` are. */
function foldWords(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{N}.$<≤]+/gu)
      ?.map((word) => word.replace(/^\.+|\.+$/g, ''))
      .filter((word) => word !== '') ?? []
  );
}
