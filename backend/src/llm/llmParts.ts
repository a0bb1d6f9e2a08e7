/** Defines the parts that `streamLLMResponse` yields to a run. */
import type { Annotation, GeneratedImage, JsonObject, RillError, ToolCall } from '@rill/protocol';
import type { AttemptReport } from './failure/llmFailure.ts';
import type { LlmDelta } from './wire/completionReader.ts';
import type { ProviderUsage } from './wire/usage.ts';

/** The result of a complete answer. Null means that the provider did not say. */
export interface LlmResult {
  /** As the provider sent it: stop, length, content_filter, tool_calls, or another word. */
  readonly finishReason: string | null;
  /** The model that answered, which can be a fallback or a dated name; the requested one if the provider names none. */
  readonly model: string;
  readonly provider: string | null;
  readonly generationId: string | null;
  readonly usage: ProviderUsage | null;
  readonly toolCalls: ToolCall[];
  /** The model's thinking, to be sent back with its answer; empty if the model does not need it. */
  readonly reasoningDetails: JsonObject[];
}

/** A 2xx response head arrived. The id is known before the first delta, if the server sends one. */
export interface LlmHead {
  readonly type: 'head';
  readonly generationId: string | null;
  readonly provider: string | null;
  /** True if the model was to use the web, but the server does not offer that: it answers without. */
  readonly isWebRefused: boolean;
  /** The fields of the request, except messages, in the form that the server accepted. */
  readonly sent: Readonly<Record<string, unknown>>;
}

/**
 * Order: attempt, head, deltas; then end, or retrying and the next attempt. Deltas follow the wire, and within one
 * completion chunk: reasoning, content, refusal, annotations, images. After the first delta nothing is retried. An attempt
 * that failed once its files were parsed ends with `parsed`.
 */
export type LlmPart =
  /** A provider call starts; attempts count from 1. */
  | {
      readonly type: 'attempt';
      readonly attempt: number;
      readonly model: string;
      readonly sent: LlmHead['sent'];
    }
  | LlmHead
  | LlmDelta
  /** An attempt failed before its first delta; the one with number `attempt` follows after `delayMs`. */
  | {
      readonly type: 'retrying';
      readonly error: RillError;
      readonly attempt: number;
      readonly delayMs: number;
      readonly failed: AttemptReport;
    }
  /** Always the last part; its absence means that the generator threw. */
  | { readonly type: 'end'; readonly result: LlmResult };

/** A whole answer: every delta of its kind joined, and the result. */
export interface LlmAnswer extends LlmResult {
  readonly content: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly annotations: Annotation[];
  readonly images: GeneratedImage[];
}
