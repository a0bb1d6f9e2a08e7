/**
 * Turns the bytes of one provider answer into deltas, and at the end into an outcome. The bytes may be cut anywhere: the
 * result does not depend on it.
 */
import { type Annotation, isJsonObject, type JsonObject, type ToolCall } from '@rill/protocol';
import { errorOfNamed, type FoundError, isFailedReason } from './answerVerdict.ts';
import { BodyReader, type ValueOrigin } from './body/bodyReader.ts';
import {
  type CompletionChunk,
  type CompletionDelta,
  decodeCompletionChunk,
  type ReceivedImage,
} from './completionChunk.ts';
import { numberOf } from './jsonValue.ts';
import { ReasoningDetails } from './merging/reasoningDetails.ts';
import { ToolCallMerger } from './merging/toolCallMerger.ts';
import type { ParsedFile } from './parsedFiles.ts';
import { RepeatedText } from './repeatedMessage.ts';
import { ThinkingTags } from './thinkingTags.ts';

/** Text or media that the model added. A delta is never empty. */
export type LlmDelta =
  | { readonly type: 'content'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  /** All content so far was thinking: it ended with the closing tag of thinking that was never opened. */
  | { readonly type: 'moved' }
  | { readonly type: 'annotations'; readonly annotations: Annotation[] }
  | { readonly type: 'images'; readonly images: ReceivedImage[] }
  /** What the service read in files of the request. */
  | { readonly type: 'parsed'; readonly files: ParsedFile[] };

/**
 * Follows the table in `llm/README.md`. complete: has output and an end; empty: an end without output; truncated: no
 * end.
 */
export type CompletionOutcome = 'complete' | 'empty' | 'error' | 'truncated';

/** An error inside a 200, with the provider that its chunk named. `value` is not decoded yet. */
export interface InBandError {
  readonly value: unknown;
  readonly provider: string | null;
}

/** Holds what was read so far. `null` means not seen yet; usage is the last one that was not null, never a sum. */
export class CompletionReader {
  generationId: string | null = null;
  model: string | null = null;
  provider: string | null = null;
  finishReason: string | null = null;
  usage: JsonObject | null = null;
  error: InBandError | null = null;
  /** True once `[DONE]` was read; everything after it is ignored. */
  isDone = false;
  /** True once the model sent anything of its own; comments, debug chunks and empty deltas do not count. */
  hasDelta = false;
  commentCount = 0;
  /** Data events that are no JSON object: skipped and counted. */
  badEventCount = 0;
  /**
   * How much of the answer is kept, in UTF-16 units. Text and media count once. What stays in the heap until the end counts
   * eight times, because the heap is far smaller than the memory outside it.
   */
  keptLength = 0;

  readonly #toolCalls = new ToolCallMerger();
  readonly #thinking = new ThinkingTags();
  readonly #received = {
    content: new RepeatedText(),
    reasoning: new RepeatedText(),
    refusal: new RepeatedText(),
  };
  readonly #body: BodyReader;
  readonly #details = new ReasoningDetails();
  #deltas: LlmDelta[] = [];
  #hasOutput = false;
  #hasMedia = false;
  #isWhole = false;
  #valueCount = 0;
  /** An error that a later finish reason revokes. */
  #doubtful: InBandError | null = null;
  /** Text that is not JSON, from a server that sent no answer. */
  #plainText: string | null = null;

  constructor() {
    this.#body = new BodyReader({
      onValue: (value, origin) => this.#readValue(value, origin),
      onText: (text, origin) => this.#readText(text, origin),
      onBadData: () => {
        if (!this.isDone) this.badEventCount += 1;
      },
      onDone: () => this.#readDone(),
      onComment: () => {
        if (!this.isDone) this.commentCount += 1;
      },
    });
  }

  /** Returns the deltas that the next bytes complete. Errors: RangeError for a line without end. */
  feed(bytes: Uint8Array): LlmDelta[] {
    this.#body.feed(bytes);
    if (this.error !== null) this.#endThinking();
    return this.#drainDeltas();
  }

  /** Called at the end of the body. Returns the deltas that were held back. */
  end(): LlmDelta[] {
    this.#body.end();
    this.#endThinking();
    return this.#drainDeltas();
  }

  /** The outcome if the body ends here. */
  get outcome(): CompletionOutcome {
    if (this.error !== null) return 'error';
    if (this.#doubtful !== null && this.finishReason === null) return 'error';
    if (!this.isDone && !this.#isWholeBody && this.finishReason === null) return 'truncated';
    return this.#hasOutput ? 'complete' : 'empty';
  }

  /** A body that is one whole completion needs no finish reason. */
  get #isWholeBody(): boolean {
    return this.#isWhole && this.#valueCount === 1 && !this.#body.hasEvents;
  }

  /** Why the answer failed, by the server: an error, or the text that it sent instead of an answer. */
  get complaint(): InBandError | null {
    const text = this.#plainText === null ? null : { value: this.#plainText, provider: this.provider };
    return this.error ?? this.#doubtful ?? text;
  }

  /** JSON objects so far, including those without a delta: each one shows that the server is working. */
  get valueCount(): number {
    return this.#valueCount;
  }

  /** True when the body is a web page, and nothing else. */
  get isPage(): boolean {
    return this.#body.isPage && this.#valueCount === 0;
  }

  /** True once the body has shown that it is an event stream. */
  get hasEvents(): boolean {
    return this.#body.hasEvents;
  }

  /** The model's thinking, to be sent back; empty if the model does not need it. */
  get reasoningDetails(): JsonObject[] {
    return this.#details.read();
  }

  get toolCalls(): ToolCall[] {
    return this.#toolCalls.calls();
  }

  #drainDeltas(): LlmDelta[] {
    const deltas = this.#deltas;
    this.#deltas = [];
    return deltas;
  }

  #readDone(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.#endThinking();
  }

  #readValue(value: JsonObject, origin: ValueOrigin): void {
    if (this.isDone) return;
    this.#valueCount += 1;
    if (origin === 'error') this.#keepError(errorOfNamed(value), this.provider);
    else this.#readChunk(decodeCompletionChunk(value));
  }

  #readText(text: string, origin: ValueOrigin): void {
    if (this.isDone) return;
    if (origin === 'error' || errorText.test(text)) {
      this.#keepError({ certainty: 'certain', value: { message: text } }, this.provider);
    } else if (origin === 'bare') this.#plainText ??= text.slice(0, maxPlainTextLength);
  }

  #readChunk(chunk: CompletionChunk): void {
    this.generationId = chunk.id ?? this.generationId;
    this.model = chunk.model ?? this.model;
    this.provider = chunk.provider ?? this.provider;
    this.finishReason = chunk.finishReason ?? this.finishReason;
    const usage = boundedUsage(chunk.usage);
    if (usage !== null && (this.usage === null || hasFigures(usage))) this.usage = usage;
    this.#keepError(chunk.error, chunk.provider);
    if (chunk.finishReason !== null && isFailedReason(chunk.finishReason)) {
      this.#keepError({ certainty: 'certain', value: {} }, chunk.provider);
    }
    if (chunk.delta !== null) this.#readDelta(chunk.delta);
    if (chunk.message !== null) this.#readMessage(chunk.message);
  }

  /** An error object outranks a mere finish reason; of several objects the first one is the cause. */
  #keepError(found: FoundError | null, provider: string | null): void {
    if (found === null) return;
    const error = { value: found.value, provider };
    if (found.certainty === 'doubtful') this.#doubtful ??= error;
    else if (this.error === null || (isBare(this.error.value) && !isBare(found.value))) this.error = error;
  }

  #readDelta(delta: CompletionDelta): void {
    if (delta.content !== '') this.#received.content.addDelta(delta.content);
    if (delta.reasoning !== '') this.#received.reasoning.addDelta(delta.reasoning);
    if (delta.refusal !== '') this.#received.refusal.addDelta(delta.refusal);
    this.#add(delta);
  }

  /** Adds only what the deltas have not contained yet. */
  #readMessage(message: CompletionDelta): void {
    this.#isWhole ||= !this.hasDelta;
    const isNew = !this.#hasMedia;
    this.#add({
      content: this.#received.content.addMessage(message.content),
      reasoning: this.#received.reasoning.addMessage(message.reasoning),
      refusal: this.#received.refusal.addMessage(message.refusal),
      annotations: isNew ? message.annotations : [],
      images: isNew ? message.images : [],
      parsedFiles: isNew ? message.parsedFiles : [],
      toolCalls: isNew ? message.toolCalls : [],
      reasoningDetails: isNew ? message.reasoningDetails : [],
    });
  }

  #add(delta: CompletionDelta): void {
    this.keptLength += keptLengthOf(delta) + this.#details.add(delta.reasoningDetails) * heapFactor;
    if (delta.reasoning !== '') {
      this.#thinking.ignoreUnopened();
      this.#deltas.push({ type: 'reasoning', text: delta.reasoning });
    }
    if (delta.content !== '') this.#deltas.push(...this.#thinking.add(delta.content));
    if (delta.refusal !== '') this.#deltas.push({ type: 'refusal', text: delta.refusal });
    if (delta.annotations.length > 0) {
      this.#deltas.push({ type: 'annotations', annotations: [...delta.annotations] });
    }
    if (delta.images.length > 0) this.#deltas.push({ type: 'images', images: [...delta.images] });
    if (delta.parsedFiles.length > 0) this.#deltas.push({ type: 'parsed', files: [...delta.parsedFiles] });
    for (const fragment of delta.toolCalls) this.#toolCalls.add(fragment);
    this.#hasMedia ||= hasMedia(delta);
    this.#hasOutput ||= isOutput(delta);
    this.hasDelta ||= isOutput(delta) || delta.annotations.length > 0 || delta.reasoningDetails.length > 0;
  }

  #endThinking(): void {
    this.#deltas.push(...this.#thinking.end());
  }
}

/** Text in place of an event that is an error by its wording. */
const errorText = /^\s*\[?(?:(?:internal |stream |server )*error|exception|traceback)\b\s*[\]:(]/i;
/** How much of such text is kept, in UTF-16 units: at most a sentence of it is shown. */
const maxPlainTextLength = 4096;

function hasMedia(delta: CompletionDelta): boolean {
  const { annotations, images, parsedFiles, toolCalls, reasoningDetails } = delta;
  return (
    annotations.length > 0 ||
    images.length > 0 ||
    parsedFiles.length > 0 ||
    toolCalls.length > 0 ||
    reasoningDetails.length > 0
  );
}

/** Usage takes a few hundred units; a far longer object is not usage. */
function boundedUsage(usage: JsonObject | null): JsonObject | null {
  return usage !== null && JSON.stringify(usage).length <= 16 * 1024 ? usage : null;
}

/** Some servers send usage without figures behind the one that has them. */
const hasFigures = (usage: JsonObject): boolean =>
  Object.values(usage).some((figure) => numberOf(figure) !== null || isJsonObject(figure));

function keptLengthOf(delta: CompletionDelta): number {
  let kept = delta.reasoning.length + delta.content.length + delta.refusal.length * heapFactor;
  for (const { url } of delta.images) kept += url.length + entryLength;
  for (const { length } of delta.parsedFiles) kept += length;
  for (const { url, title, excerpt = '' } of delta.annotations) {
    kept += url.length + title.length + excerpt.length + entryLength;
  }
  for (const { id, name, arguments: text } of delta.toolCalls) {
    kept += ((id?.length ?? 0) + (name?.length ?? 0) + text.length) * heapFactor + entryLength;
  }
  return kept;
}

const heapFactor = 8;
/** The cost of an entry in addition to its text. */
const entryLength = 100;

/** Sources and hidden reasoning alone are not an answer. */
function isOutput(delta: CompletionDelta): boolean {
  const hasText = delta.content !== '' || delta.reasoning !== '' || delta.refusal !== '';
  return hasText || delta.images.length > 0 || delta.toolCalls.length > 0;
}

function isBare(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
