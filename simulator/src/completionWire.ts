/**
 * What a dialect has to write: completion chunks and whole answers.
 * A dialect decides shapes only; which chunks are sent, and when, is the player's business.
 */
import type { JsonObject } from './json.ts';
import type { FinishReason, WireError } from './script.ts';
import type { TokenCounts, TokenPrice } from './usage.ts';

/** The server to speak like. */
export type Dialect = 'openrouter' | 'openai';

/** What every chunk of one generation repeats. */
export interface GenerationIdentity {
  id: string;
  /** Seconds since the epoch, as `created` is on the wire. */
  createdSeconds: number;
  model: string;
  provider: string;
}

/** How a generation ended and what it consumed. */
export interface Accounting {
  finishReason: FinishReason;
  nativeFinishReason: string;
  counts: TokenCounts;
  price: TokenPrice;
  /** Replaces the computed usage. */
  usage?: JsonObject;
}

/** A whole answer, for calls that do not stream. */
export interface WholeAnswer extends Accounting {
  content: string;
  reasoning: string;
  refusal?: string;
}

/** One dialect, bound to one generation. */
export interface CompletionWire {
  headers(): Record<string, string>;
  content(text: string): JsonObject;
  reasoning(text: string): JsonObject;
  finish(reason: FinishReason, nativeReason: string, refusal?: string): JsonObject;
  /** `undefined` where the dialect sends none for this request. */
  accounting(accounting: Accounting): JsonObject | undefined;
  error(error: WireError, choices: 'error-finish' | 'empty' | 'absent'): JsonObject;
  whole(answer: WholeAnswer): JsonObject;
}
