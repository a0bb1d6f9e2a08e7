/**
 * Defines what a dialect writes: completion chunks and whole answers.
 * A dialect only decides their shapes; the player decides which chunks are sent, and when.
 */
import type { JsonObject } from '../jsonData.ts';
import type { FinishReason, WireError } from '../script.ts';
import type { TokenCounts, TokenPrice } from './tokenUsage.ts';

/** The server to imitate. */
export type Dialect = 'openrouter' | 'openai';

/** The fields that every chunk of one generation repeats. */
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
  sources(annotations: readonly JsonObject[]): JsonObject;
  images(images: readonly JsonObject[]): JsonObject;
  finish(reason: FinishReason, nativeReason: string, refusal?: string): JsonObject;
  /** `undefined` where the dialect sends none for this request. */
  accounting(accounting: Accounting): JsonObject | undefined;
  error(error: WireError, choices: 'error-finish' | 'empty' | 'absent'): JsonObject;
  whole(answer: WholeAnswer): JsonObject;
}
