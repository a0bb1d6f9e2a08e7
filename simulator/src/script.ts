/**
 * Defines the steps with which an answer is programmed.
 * A script is plain data: playing it twice sends the same steps in the same order.
 */
import type { JsonObject } from './jsonData.ts';

/** Why the model ended, as on the wire. Open set: unknown values are passed on unchanged. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'error' | (string & {});

/** The provider's error object, as it appears under `error` in a body or a completion chunk. */
export interface WireError {
  code: number | string;
  message: string;
  metadata?: JsonObject;
}

/** Searches that the server made. A native one is in the cost of the model's provider, and under the newer name. */
export interface ToolUse {
  searches: number;
  feeUsd: number;
  isNative: boolean;
}

/** Tokens of the prompt that a cache read or wrote; `rest`: all that it did not read, from 1,024 tokens on. */
export interface CacheUse {
  readTokens: number;
  writeTokens: number | 'rest';
}

/** One thing the server does on an open stream. */
export type ScriptStep =
  /** One completion chunk with this content, sent at once. */
  | { delta: string }
  /** One completion chunk with this reasoning text, in both of OpenRouter's fields. */
  | { reasoning: string }
  /** Text cut into token-like deltas and paced. `tokensPerSecond`: default the simulator's; 0 = as fast as the socket takes. */
  | { text: string; as?: 'content' | 'reasoning'; tokensPerSecond?: number }
  /** One SSE comment line. */
  | { comment: string }
  /** One completion chunk with these sources, each as it is on the wire. Left out where the answer is not a stream. */
  | { sources: readonly JsonObject[] }
  /** One completion chunk with these pictures, each as it is on the wire. Left out where the answer is not a stream. */
  | { images: readonly JsonObject[] }
  /** These bytes, unchanged, in one write. */
  | { raw: string | Uint8Array }
  /** One `data:` event with exactly this JSON. */
  | { chunk: JsonObject }
  /** Waits on the real clock. Prefer `hold` in tests. */
  | { waitMs: number }
  /** Stalls until `simulator.release(name)`; a release that came first opens it at once. */
  | { hold: string }
  /** In-band error chunk, then the end of the body without `[DONE]`. */
  | { error: WireError; choices?: 'error-finish' | 'empty' | 'absent' }
  /**
   * Finish chunk, accounting chunk, `[DONE]`, end of the body. `usage: null` leaves the accounting chunk out. `tools` and
   * `cache` change the computed usage.
   */
  | {
      finish: FinishReason;
      nativeFinishReason?: string;
      usage?: JsonObject | null;
      refusal?: string;
      tools?: ToolUse;
      cache?: CacheUse;
    }
  /** Destroys the socket after the bytes written so far, before the body's terminator. */
  | { reset: true }
  /** Ends the body properly and sends nothing more: no finish chunk, no `[DONE]`. */
  | { end: true };

/** An answer that is not a stream: status, headers, whole body. A string body is sent unchanged. */
export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body: JsonObject | string;
  /** Name of a hold to wait for before the response head is sent. */
  holdHead?: string;
}

/** A stream with control over its response head. */
export interface StreamAnswer {
  steps: readonly ScriptStep[];
  /** Added to, or replacing, the usual head. */
  headers?: Record<string, string>;
  /** Name of a hold to wait for before the response head is sent. */
  holdHead?: string;
  /** The prompt tokens of a cache, also if the answer is broken off; a `finish` may override them. */
  cache?: CacheUse;
  /** The `model` and `provider` that the completion chunks report. */
  model?: string;
  provider?: string;
}

/** The connection is destroyed before any byte of a response. */
export interface ResetAnswer {
  reset: true;
}

/**
 * A programmed answer. A list of steps without a closing one (`finish`, `error`, `end`, `reset`)
 * closes with `{ finish: 'stop' }`.
 */
export type Script = readonly ScriptStep[] | StreamAnswer | HttpAnswer | ResetAnswer;

/** A script in one of its three forms. */
export type NormalScript =
  | { kind: 'stream'; answer: StreamAnswer }
  | { kind: 'http'; answer: HttpAnswer }
  | { kind: 'reset' };

/** Determines the form of a script and adds the implied closing step. */
export function normaliseScript(script: Script): NormalScript {
  if (isStepList(script)) return { kind: 'stream', answer: { steps: closeSteps(script) } };
  if ('steps' in script) return { kind: 'stream', answer: { ...script, steps: closeSteps(script.steps) } };
  if ('status' in script) return { kind: 'http', answer: script };
  return { kind: 'reset' };
}

export function isStepList(script: Script): script is readonly ScriptStep[] {
  return Array.isArray(script);
}

function closeSteps(steps: readonly ScriptStep[]): readonly ScriptStep[] {
  const last = steps.at(-1);
  return last !== undefined && isClosing(last) ? steps : [...steps, { finish: 'stop' }];
}

function isClosing(step: ScriptStep): boolean {
  return 'finish' in step || 'error' in step || 'end' in step || 'reset' in step;
}
