/** Interprets a search word as a quality of a model: a price, an input, an output, an ability, a length. */
import type { Model } from '@rill/protocol';

export interface ModelQuality {
  holds(model: Model): boolean;
  /** The smaller the better; models that hold alike are ordered by it. */
  rank?(model: Model): number;
}

/** US dollars for a million tokens, three of the prompt to one of the answer, as in a chat. Null when not known. */
function blendedUsd({ promptUsdPerToken: prompt, completionUsdPerToken: completion }: Model): number | null {
  if (prompt === null || completion === null) return null;
  return ((3 * prompt + completion) / 4) * 1_000_000;
}

const cheapUsd = 1;
const priceyUsd = 5;
const isFree = (model: Model) => blendedUsd(model) === 0;
const reads = (kind: string): ModelQuality => ({
  holds: ({ inputModalities: kinds }) => kinds?.includes(kind) ?? false,
});
const makes = (kind: string): ModelQuality => ({
  holds: ({ outputModalities: kinds }) => kinds?.includes(kind) ?? false,
});
const takes = (parameter: string): ModelQuality => ({
  holds: ({ supportedParameters: parameters }) => parameters?.includes(parameter) ?? false,
});

/** Free models answer a few questions a day: they are cheap, and are listed after those that cost a little. */
const rankOfPrice = (model: Model) => (isFree(model) ? cheapUsd : (blendedUsd(model) ?? cheapUsd));
const cheap: ModelQuality = {
  holds: (model) => (blendedUsd(model) ?? Number.POSITIVE_INFINITY) <= cheapUsd,
  rank: rankOfPrice,
};
const thinking: ModelQuality = { holds: ({ isReasoning }) => isReasoning };
const long: ModelQuality = {
  holds: ({ contextLengthTokens: tokens }) => (tokens ?? 0) >= 200_000,
  rank: ({ contextLengthTokens: tokens }) => -(tokens ?? 0),
};

const byWord: Readonly<Record<string, ModelQuality>> = {
  free: { holds: isFree },
  cheap,
  cheapest: cheap,
  budget: cheap,
  expensive: {
    holds: (model) => (blendedUsd(model) ?? 0) >= priceyUsd,
    rank: (model) => -(blendedUsd(model) ?? 0),
  },
  vision: reads('image'),
  image: reads('image'),
  images: reads('image'),
  picture: reads('image'),
  pictures: reads('image'),
  photo: reads('image'),
  multimodal: reads('image'),
  pdf: reads('file'),
  file: reads('file'),
  files: reads('file'),
  audio: reads('audio'),
  voice: reads('audio'),
  video: reads('video'),
  draw: makes('image'),
  drawing: makes('image'),
  thinking,
  think: thinking,
  reasoning: thinking,
  reason: thinking,
  tool: takes('tools'),
  tools: takes('tools'),
  json: takes('structured_outputs'),
  long,
};

/** Null when the word is only a name. */
export function askedBy(word: string): ModelQuality | null {
  return (Object.hasOwn(byWord, word) ? byWord[word] : undefined) ?? lengthOf(word) ?? priceOf(word);
}

/** `200k` and `1m` mean a context of at least that size; lists write 131,072 as 128k too. */
function lengthOf(word: string): ModelQuality | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(k|m)$/.exec(word) ?? [];
  if (count === undefined) return null;
  const tokens = Number(count) * (unit === 'm' ? 1_000_000 : 1000);
  return { holds: ({ contextLengthTokens: length }) => (length ?? 0) >= tokens };
}

/** `<$1` means models whose prompts cost less per million tokens. */
function priceOf(word: string): ModelQuality | null {
  const [, limit] = /^[<≤]\$?(\d+(?:\.\d+)?)$/.exec(word) ?? [];
  if (limit === undefined) return null;
  return {
    holds: ({ promptUsdPerToken: prompt }) => prompt !== null && prompt * 1_000_000 <= Number(limit),
    rank: rankOfPrice,
  };
}
