/** Turns the refusal of an answer limit or a prompt as too long into limits that the server accepts. Pure. */
import type { Correction, SentRequest } from './correction.ts';

/** The smallest answer limit that is sent. */
const minAnswerTokens = 16;
/** What servers add to a prompt around its messages, in tokens. */
const framingTokens = 16;
/** Estimates a prompt that the server did not count: tokens are rarely shorter than this many bytes. */
const bytesPerToken = 3;

const number = String.raw`(\d{1,3}(?:[,_]\d{3})+(?!\d)|\d+)`;
const aboutLength =
  /tokens?\b|context|max_(?:new_|completion_|output_)?tokens|n_ctx|model_len|too long|sequence length/i;
const tooMuch =
  /too (?:large|long|big|high|many|much)|exceed|maximum|\bmax\b|at most|less than|greater than|larger than|longer than|smaller than|lower than|more than|must be (?:<|≤|in\b|between)|\brange\b|reduce|[<>≤≥]\s*\d|limit|fits?\b|available context|supports? (?:up|only)/i;
/** A refusal of the limit's name, which is not about length. */
const aboutItsName =
  /unsupported parameter|use ['"`]?max_completion_tokens['"`]? instead|is not supported with this model|extra inputs|not permitted|max_(?:completion_)?tokens['"`]?(?: parameter| field| argument)?(?: is|:)? (?:not |un|deprecated|no longer)/i;

/** Match a number that is the whole context, by the words before it. */
const contextPatterns = [
  new RegExp(String.raw`(?:n_ctx|model_?len)\b[^.\d\n]{0,20}?${number}`, 'i'),
  new RegExp(String.raw`context[\s_-]*(?:length|window|size|limit)?[^.\d\n]{0,40}?${number}`, 'i'),
  new RegExp(String.raw`sequence length[^.\d\n]{0,30}?${number}`, 'i'),
  new RegExp(`${number}[- ]tokens? context`, 'i'),
  new RegExp(
    String.raw`\+ ?['"\`]?max_(?:new_|completion_|output_)?tokens['"\`]?[^.\d\n]{0,30}?${number}`,
    'i',
  ),
  new RegExp(String.raw`\b(?:reads?|read and write)\b[^.\d\n]{0,30}?${number} tokens`, 'i'),
  new RegExp(
    String.raw`(?:total|prompt and|input and|prompt \+|input \+)[^.\d\n]{0,50}?(?:exceeds?|most|limit|maximum|than|<=)[^.\d\n]{0,30}?${number}`,
    'i',
  ),
];
/** Match a number that is the prompt as counted by the server. */
const promptPatterns = [
  new RegExp(
    `${number} (?:tokens )?(?:in|from|for|of) (?:the |your )?(?:input|prompt|messages|text|request)`,
    'i',
  ),
  new RegExp(String.raw`${number} ['"\`]?(?:inputs?|prompt|text)['"\`]? ?(?:tokens)?`, 'i'),
  new RegExp(String.raw`(?:prompt|input)(?: contains| has| is| of|_tokens|:)[^.\d\n]{0,20}?${number}`, 'i'),
];

/** Null when the refusal is not about length. */
export function learnLength(text: string, sent: SentRequest): Correction | null {
  const { limitTokens } = sent;
  if (limitTokens === null || !aboutLength.test(text) || !tooMuch.test(text)) return null;
  if (aboutItsName.test(text)) return null;
  const contextTokens = find(contextPatterns, text, (value) => value >= 64 && value !== limitTokens);
  const promptTokens = find(
    promptPatterns,
    text,
    (value) => value !== limitTokens && value !== contextTokens,
  );
  if (contextTokens !== null) return withinContext(contextTokens, promptTokens, sent);
  return withinAnswer(text, promptTokens, sent);
}

function withinContext(contextTokens: number, promptTokens: number | null, sent: SentRequest): Correction {
  const prompt = promptTokens ?? Math.ceil(sent.promptBytes / bytesPerToken);
  const leftTokens = contextTokens - prompt - framingTokens;
  const limitTokens = sent.limitTokens ?? 0;
  // A second refusal with the same numbers means that the count is not exact, so half of the limit is tried.
  const callLimit = leftTokens < limitTokens ? leftTokens : Math.floor(limitTokens / 2);
  return {
    form: { ...sent.form, contextTokens },
    callLimit: Math.max(minAnswerTokens, callLimit),
    isWorthRetrying: leftTokens >= minAnswerTokens && limitTokens > minAnswerTokens,
    changes: ['context'],
  };
}

function withinAnswer(text: string, promptTokens: number | null, sent: SentRequest): Correction | null {
  const limitTokens = sent.limitTokens ?? 0;
  // Other sentences about tokens, such as about a budget, have none of these words.
  if (!/max_|completion|output|answer|generat|context|requested|inputs?|prompt|length/i.test(text))
    return null;
  const caps = numbersOf(text).filter(
    (value) => value >= minAnswerTokens && value < limitTokens && value !== promptTokens,
  );
  const cap = caps.length > 0 ? Math.max(...caps) : Math.floor(limitTokens / 4);
  if (cap < minAnswerTokens) return null;
  return {
    form: { ...sent.form, answerTokens: cap },
    callLimit: null,
    isWorthRetrying: true,
    changes: ['answer limit'],
  };
}

function find(patterns: readonly RegExp[], text: string, isGood: (value: number) => boolean): number | null {
  for (const pattern of patterns) {
    const value = toNumber(pattern.exec(text)?.[1]);
    if (value !== null && isGood(value)) return value;
  }
  return null;
}

const numbersOf = (text: string): number[] =>
  [...text.matchAll(new RegExp(`(?<![\\w.-])${number}(?![\\w.]*[a-z])`, 'gi'))].flatMap(
    ([, digits]) => toNumber(digits) ?? [],
  );

function toNumber(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits.replaceAll(/[,_]/g, ''));
}
