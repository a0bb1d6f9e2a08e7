/**
 * Decodes one JSON object from the provider, a completion chunk or a whole completion. Decoding never fails: unknown
 * fields are ignored, and fields of the wrong type count as absent.
 */
import { type Annotation, cleanName, isJsonObject, type JsonObject } from '@rill/protocol';
import { type FoundError, findError, readFinishReason } from './answerVerdict.ts';
import { HeldText } from './body/heldText.ts';
import { arrayOf, isShallow, listOf, numberOf, objectOf, textOf } from './jsonValue.ts';
import { decodeParsedFiles, type ParsedFile } from './parsedFiles.ts';

/** A fragment of a tool call. `index` says which call it belongs to; null where the provider omits it. */
export interface ToolCallFragment {
  readonly index: number | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly arguments: string;
}

/** A picture as it arrived. The data URL of a large one is outside the heap. */
export interface ReceivedImage {
  readonly url: string | HeldText;
}

export const urlOf = ({ url }: ReceivedImage): string => (typeof url === 'string' ? url : url.text());

/** What one completion chunk adds to choice 0. Texts are '' and lists empty where there is nothing. */
export interface CompletionDelta {
  readonly content: string;
  /** The visible reasoning, once: `reasoning` repeats `reasoning_details`. */
  readonly reasoning: string;
  readonly refusal: string;
  readonly annotations: readonly Annotation[];
  readonly images: readonly ReceivedImage[];
  readonly parsedFiles: readonly ParsedFile[];
  readonly toolCalls: readonly ToolCallFragment[];
  /** Unchanged, including hidden, encrypted reasoning and signatures. */
  readonly reasoningDetails: readonly JsonObject[];
}

export interface CompletionChunk {
  readonly id: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  /** Null when the chunk has no choice 0. */
  readonly delta: CompletionDelta | null;
  /** The whole message, or the message so far, if choice 0 has one. */
  readonly message: CompletionDelta | null;
  readonly finishReason: string | null;
  readonly usage: JsonObject | null;
  readonly error: FoundError | null;
}

/** Decodes a completion chunk or a whole completion. */
export function decodeCompletionChunk(json: JsonObject): CompletionChunk {
  const choice = listOf(json.choices).find(
    (entry) => isJsonObject(entry) && (numberOf(entry.index) ?? 0) === 0,
  );
  const fields = objectOf(choice);
  return {
    id: nameOf(json.id),
    model: nameOf(json.model),
    provider: nameOf(json.provider),
    delta: isJsonObject(choice) ? decodeDelta(deltaOf(choice)) : null,
    message: isJsonObject(fields.message) ? decodeDelta(fields.message) : null,
    finishReason: readFinishReason(fields.finish_reason),
    usage: findUsage(json, fields),
    error: findError(json),
  };
}

/** Names are short; a long one is truncated. */
function nameOf(value: unknown): string | null {
  return textOf(value)?.slice(0, maxNameLength).toWellFormed() ?? null;
}

/** In UTF-16 units. */
const maxNameLength = 300;

/** The older form of a completion has its text in the choice, with or without an empty delta. */
function deltaOf({ delta, text }: JsonObject): JsonObject {
  if (typeof delta === 'string') return { content: delta };
  const fields = objectOf(delta);
  return typeof text === 'string' && (fields.content ?? '') === '' ? { ...fields, content: text } : fields;
}

/** The chunk's own usage, or else that in another member. */
function findUsage(json: JsonObject, choice: JsonObject): JsonObject | null {
  const usage = json.usage ?? choice.usage ?? objectOf(json.x_groq).usage ?? json.usageMetadata;
  return isJsonObject(usage) && isShallow(usage) ? usage : null;
}

/** Nearly every delta is one short text, so no lists are created for what it lacks. */
function decodeDelta(delta: JsonObject): CompletionDelta {
  const reasoningDetails = decodeReasoningDetails(delta.reasoning_details);
  const hasParts = typeof delta.content === 'object' && delta.content !== null;
  const hasAnnotations = isFilled(delta.annotations) || isJsonObject(delta.annotations);
  return {
    content: joinText(delta.content),
    reasoning:
      joinDetails(reasoningDetails) ||
      joinThought(delta.reasoning) ||
      joinThought(delta.reasoning_content) ||
      joinThought(delta.reasoning_text) ||
      joinThought(delta.thinking) ||
      joinThought(delta.thinking_blocks) ||
      (hasParts ? joinThinking(delta.content) : ''),
    refusal: joinText(delta.refusal),
    annotations: hasAnnotations ? listOf(delta.annotations).flatMap(decodeAnnotation) : nothing,
    images: hasParts || delta.images ? decodeImages(delta) : nothing,
    parsedFiles: hasAnnotations ? decodeParsedFiles(delta.annotations) : nothing,
    toolCalls: decodeToolCalls(delta),
    reasoningDetails,
  };
}

const nothing: readonly never[] = Object.freeze([]);

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

function decodeReasoningDetails(value: unknown): readonly JsonObject[] {
  if (!isFilled(value) && !isJsonObject(value)) return nothing;
  return listOf(value)
    .filter(isJsonObject)
    .filter((detail) => isShallow(detail));
}

const joinDetails = (details: readonly JsonObject[]): string =>
  details.length === 0
    ? ''
    : details
        .filter(isVisible)
        .map((detail) => joinThought(detail))
        .join('');

const thinkingPart = /^(?:thinking|thought|reasoning|reasoning_content|reasoning_text|summary_text)$/;

/** Some servers send content as a list of parts, as in requests; thinking parts are not text. */
function joinText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (typeof content !== 'object' || content === null) return '';
  return partsOf(content)
    .map((part) => {
      if (typeof part === 'string') return part;
      const { type, text, content: inner } = objectOf(part);
      return isThinking(type) ? '' : (textOf(text) ?? textOf(objectOf(text).value) ?? textOf(inner) ?? '');
    })
    .join('');
}

/** The text of the thinking parts. */
const joinThinking = (content: unknown): string =>
  joinThought(partsOf(content).filter((part) => isThinking(objectOf(part).type)));

/** Deepest part that is read. */
const maxThoughtDepth = 4;

/**
 * All text of a thinking part: a string, or an object or list of objects that each contain a string or a list of parts.
 */
function joinThought(thought: unknown, depth = 0): string {
  if (typeof thought === 'string') return thought;
  if (typeof thought !== 'object' || thought === null || depth >= maxThoughtDepth) return '';
  return partsOf(thought)
    .map((part) => {
      if (typeof part === 'string') return part;
      const { thinking, text, reasoning, content, summary } = objectOf(part);
      return joinThought(thinking ?? text ?? reasoning ?? content ?? summary, depth + 1);
    })
    .join('');
}

const partsOf = (content: unknown): readonly unknown[] => (Array.isArray(content) ? content : [content]);

const isThinking = (type: unknown): boolean => typeof type === 'string' && thinkingPart.test(type);

/** Encrypted reasoning, signatures and calls of tools are not shown. */
const isVisible = ({ type }: JsonObject): boolean => typeof type !== 'string' || visibleDetail.test(type);

const visibleDetail = /^(?:reasoning[._])?(?:text|summary|thinking|summary_text)$/;

/** Longest description of a source, in UTF-16 units. No browser opens a longer address. */
const maxUrlLength = 2000;
const maxTitleLength = 300;
const maxExcerptLength = 600;

/** A source without a web address is ignored. Its position in the text is not used, as few servers send one. */
function decodeAnnotation(value: unknown): Annotation[] {
  const annotation = objectOf(value);
  const citation = objectOf(
    annotation.url_citation ?? (annotation.type === 'url_citation' ? annotation : null),
  );
  const url = textOf(citation.url);
  if (url === null || url.length > maxUrlLength || !/^https?:\/\//i.test(url) || !URL.canParse(url))
    return [];
  const line = (text: unknown, maxLength: number) =>
    cleanName((textOf(text) ?? '').slice(0, maxLength * 4), maxLength);
  const excerpt = line(citation.content, maxExcerptLength);
  return [{ url, title: line(citation.title, maxTitleLength), ...(excerpt !== '' && { excerpt }) }];
}

/** Pictures are in a separate list, or among the parts of the content. */
function decodeImages({ images, content }: JsonObject): ReceivedImage[] {
  const parts = partsOf(content).filter((part) => textOf(objectOf(part).type)?.includes('image'));
  return [...listOf(images), ...parts].flatMap(decodeImage);
}

function decodeImage(value: unknown): ReceivedImage[] {
  const { image_url: named, url: own, b64_json: base64 } = objectOf(value);
  const bytes = textOf(base64);
  const url =
    [value, named, objectOf(named).url, own].find(isText) ??
    (bytes === null ? '' : `data:image/png;base64,${bytes}`);
  return isPictureUrl(typeof url === 'string' ? url : url.start(20)) ? [{ url }] : [];
}

const isText = (value: unknown): value is string | HeldText =>
  typeof value === 'string' || value instanceof HeldText;

const isPictureUrl = (url: string): boolean => /^(?:data:image\/|https:\/\/)/i.test(url);

/** `function_call` is the older form, which allows one call only. */
function decodeToolCalls(delta: JsonObject): readonly ToolCallFragment[] {
  if (isFilled(delta.tool_calls)) {
    const fragments = arrayOf(delta.tool_calls).filter(isJsonObject).map(decodeToolCallFragment);
    if (fragments.length > 0) return fragments;
  }
  return isJsonObject(delta.function_call)
    ? [decodeToolCallFragment({ function: delta.function_call })]
    : nothing;
}

function decodeToolCallFragment(fragment: JsonObject): ToolCallFragment {
  const called = objectOf(fragment.function);
  return {
    index: typeof fragment.index === 'number' ? fragment.index : null,
    id: textOf(fragment.id),
    name: textOf(called.name),
    arguments: readArguments(called.arguments),
  };
}

/** Arguments are JSON text; some servers send the object itself. */
function readArguments(value: unknown): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) && isShallow(value) ? JSON.stringify(value) : '';
}
