/** What `streamLLMResponse` yields: the vocabulary between the provider's wire and a run. */
import type { Annotation, GeneratedImage, RillError, ToolCall } from '@rill/protocol';
import type { LlmDelta } from './completionReader.ts';
import type { JsonObject } from './jsonValue.ts';
import type { AttemptReport } from './llmFailure.ts';
import type { ProviderUsage } from './usage.ts';

/** How an answer ended well. Null is what the provider did not say. */
export interface LlmResult {
  /** In the provider's words: stop, length, content_filter, tool_calls, or a word not known yet. */
  readonly finishReason: string | null;
  /** Free text of the upstream provider, for diagnosis only. */
  readonly nativeFinishReason: string | null;
  /** The model that answered, which can be a fallback or a dated name; the requested one if not said. */
  readonly model: string;
  readonly provider: string | null;
  readonly generationId: string | null;
  readonly usage: ProviderUsage | null;
  readonly toolCalls: ToolCall[];
  /** Merged, to be sent back unchanged with the next turn of a tool conversation. */
  readonly reasoningDetails: JsonObject[];
  readonly commentCount: number;
  /** Data events apart from `[DONE]`, bad ones included; 0 when the answer was one JSON body. */
  readonly dataEventCount: number;
  readonly badEventCount: number;
  /** True when `[DONE]` was seen; an answer can be complete without it. */
  readonly isDone: boolean;
}

/** A 2xx response head arrived. The id is known before the model's first word, if the server sends it. */
export interface LlmHead {
  readonly type: 'head';
  readonly generationId: string | null;
  readonly provider: string | null;
}

/**
 * Order: attempt, head, deltas; then end, or retrying and the next attempt. Deltas follow the wire, and within one
 * completion chunk: reasoning, content, refusal, annotations, images. After the first delta nothing is retried.
 */
export type LlmPart =
  /** A provider call begins; attempts count from 1. */
  | { readonly type: 'attempt'; readonly attempt: number; readonly model: string }
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
