/**
 * The bytes of one provider answer, cut anywhere, to deltas in order and, at the end, what the answer amounted to.
 * The result depends only on the bytes, never on where they were cut.
 */
import {
  type Annotation,
  createSseParser,
  type GeneratedImage,
  type SseParser,
  type ToolCall,
} from '@rill/protocol';
import { type CompletionChunk, type CompletionDelta, decodeCompletionChunk } from './completionChunk.ts';
import { type JsonObject, parseJsonObject } from './jsonValue.ts';
import { ReasoningDetailMerger, ToolCallMerger } from './mergePieces.ts';

/** Text or media that the model added. A delta is never empty. */
export type LlmDelta =
  | { readonly type: 'content'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'annotations'; readonly annotations: Annotation[] }
  | { readonly type: 'images'; readonly images: GeneratedImage[] };

/** complete: said something and ended; empty: ended without output; truncated: neither `[DONE]` nor a finish reason. */
export type CompletionOutcome = 'complete' | 'empty' | 'error' | 'truncated';

/** An error inside a 200, with the provider that its chunk named. `value` is not looked into yet. */
export interface InBandError {
  readonly value: unknown;
  readonly provider: string | null;
}

/** What was read so far. `null` is not seen yet; usage is the last one that was not null, never a sum. */
export class CompletionReader {
  generationId: string | null = null;
  model: string | null = null;
  provider: string | null = null;
  finishReason: string | null = null;
  nativeFinishReason: string | null = null;
  usage: JsonObject | null = null;
  error: InBandError | null = null;
  /** True once `[DONE]` was read; everything after it is ignored. */
  isDone = false;
  /** True once the model sent anything of its own; comments, debug chunks and empty deltas are not. */
  hasDelta = false;
  commentCount = 0;
  /** Data events apart from `[DONE]`, bad ones included. */
  dataEventCount = 0;
  /** Data events that are no JSON object: skipped and counted. */
  badEventCount = 0;
  /** Text of all kinds so far, in UTF-16 units. */
  textLength = 0;

  readonly #toolCalls = new ToolCallMerger();
  readonly #reasoningDetails = new ReasoningDetailMerger();
  readonly #parser: SseParser;
  #deltas: LlmDelta[] = [];
  #hasOutput = false;
  #isWhole = false;

  constructor() {
    this.#parser = createSseParser({
      onMessage: (message) => this.#readData(message.data),
      onComment: () => {
        if (!this.isDone) this.commentCount += 1;
      },
    });
  }

  /** Takes the next bytes; returns the deltas that they complete. Errors: RangeError for an endless message. */
  feed(bytes: Uint8Array): LlmDelta[] {
    this.#parser.feed(bytes);
    return this.#takeDeltas();
  }

  /** Takes a whole completion: a server may answer a streaming request so. */
  readWhole(json: JsonObject): LlmDelta[] {
    const chunk = decodeCompletionChunk(json);
    this.#isWhole = chunk.delta !== null;
    this.#readChunk(chunk);
    return this.#takeDeltas();
  }

  /** How the answer stands if its body ends here. */
  get outcome(): CompletionOutcome {
    if (this.error !== null) return 'error';
    if (!this.isDone && !this.#isWhole && this.finishReason === null) return 'truncated';
    return this.#hasOutput ? 'complete' : 'empty';
  }

  get toolCalls(): ToolCall[] {
    return this.#toolCalls.calls();
  }

  /** Reasoning details merged for the next turn. */
  get reasoningDetails(): JsonObject[] {
    return this.#reasoningDetails.details();
  }

  #takeDeltas(): LlmDelta[] {
    const deltas = this.#deltas;
    this.#deltas = [];
    return deltas;
  }

  #readData(data: string): void {
    if (this.isDone) return;
    if (data.length < 64 && data.trim() === '[DONE]') {
      this.isDone = true;
      return;
    }
    this.dataEventCount += 1;
    const json = parseJsonObject(data);
    if (json === null) this.badEventCount += 1;
    else this.#readChunk(decodeCompletionChunk(json));
  }

  #readChunk(chunk: CompletionChunk): void {
    this.generationId = chunk.id ?? this.generationId;
    this.model = chunk.model ?? this.model;
    this.provider = chunk.provider ?? this.provider;
    this.finishReason = chunk.finishReason ?? this.finishReason;
    this.nativeFinishReason = chunk.nativeFinishReason ?? this.nativeFinishReason;
    this.usage = chunk.usage ?? this.usage;
    this.#readError(chunk);
    if (chunk.delta !== null) this.#readDelta(chunk.delta);
  }

  /** An error object outranks a bare finish_reason "error"; of several objects the first one is the cause. */
  #readError(chunk: CompletionChunk): void {
    const value = chunk.error ?? (chunk.finishReason === 'error' ? {} : null);
    if (value === null) return;
    if (this.error === null || (isBare(this.error.value) && !isBare(value))) {
      this.error = { value, provider: chunk.provider };
    }
  }

  #readDelta(delta: CompletionDelta): void {
    this.textLength += delta.reasoning.length + delta.content.length + delta.refusal.length;
    if (delta.reasoning !== '') this.#deltas.push({ type: 'reasoning', text: delta.reasoning });
    if (delta.content !== '') this.#deltas.push({ type: 'content', text: delta.content });
    if (delta.refusal !== '') this.#deltas.push({ type: 'refusal', text: delta.refusal });
    if (delta.annotations.length > 0) {
      this.#deltas.push({ type: 'annotations', annotations: [...delta.annotations] });
    }
    if (delta.images.length > 0) this.#deltas.push({ type: 'images', images: [...delta.images] });
    for (const piece of delta.toolCalls) this.#toolCalls.add(piece);
    for (const detail of delta.reasoningDetails) this.#reasoningDetails.add(detail);
    this.#hasOutput ||= isOutput(delta);
    this.hasDelta ||= isOutput(delta) || delta.annotations.length > 0 || delta.reasoningDetails.length > 0;
  }
}

/** Sources and hidden reasoning alone are no answer. */
function isOutput(delta: CompletionDelta): boolean {
  const hasText = delta.content !== '' || delta.reasoning !== '' || delta.refusal !== '';
  return hasText || delta.images.length > 0 || delta.toolCalls.length > 0;
}

function isBare(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
