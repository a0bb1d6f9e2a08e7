/**
 * One JSON object from the provider, a completion chunk or a whole completion, to checked values.
 * Unknown fields are ignored and fields of the wrong type read as absent: decoding never fails.
 */
import type { Annotation, GeneratedImage } from '@rill/protocol';
import { arrayOf, isJsonObject, type JsonObject, objectOf, textOf } from './jsonValue.ts';

/** A piece of a tool call; `index` says which call it belongs to, null where the provider leaves it out. */
export interface ToolCallPiece {
  readonly index: number | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly arguments: string;
}

/** What one completion chunk adds to choice 0. Texts are '' and lists empty where there is nothing. */
export interface CompletionDelta {
  readonly content: string;
  /** The visible reasoning, once: `reasoning` repeats `reasoning_details`. */
  readonly reasoning: string;
  readonly refusal: string;
  readonly annotations: readonly Annotation[];
  readonly images: readonly GeneratedImage[];
  readonly toolCalls: readonly ToolCallPiece[];
  readonly reasoningDetails: readonly JsonObject[];
}

export interface CompletionChunk {
  readonly id: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  /** Null when the chunk has no choice 0. */
  readonly delta: CompletionDelta | null;
  readonly finishReason: string | null;
  readonly nativeFinishReason: string | null;
  readonly usage: JsonObject | null;
  /** The `error` of the chunk or of its choice when it is truthy, not looked into yet. */
  readonly error: unknown;
}

/** Decodes a completion chunk, or a whole completion, whose `message` reads like one delta. */
export function decodeCompletionChunk(json: JsonObject): CompletionChunk {
  const choice = arrayOf(json.choices).find((entry) => isJsonObject(entry) && (entry.index ?? 0) === 0);
  const fields = objectOf(choice);
  return {
    id: textOf(json.id),
    model: textOf(json.model),
    provider: textOf(json.provider),
    delta: isJsonObject(choice) ? decodeDelta(objectOf(choice.delta ?? choice.message)) : null,
    finishReason: textOf(fields.finish_reason),
    nativeFinishReason: textOf(fields.native_finish_reason),
    usage: isJsonObject(json.usage) ? json.usage : null,
    error: json.error || fields.error || null,
  };
}

function decodeDelta(delta: JsonObject): CompletionDelta {
  const reasoningDetails = arrayOf(delta.reasoning_details).filter(isJsonObject);
  return {
    content: joinText(delta.content),
    reasoning:
      reasoningDetails.map(visibleReasoning).join('') ||
      joinText(delta.reasoning) ||
      joinText(delta.reasoning_content),
    refusal: joinText(delta.refusal),
    annotations: arrayOf(delta.annotations).flatMap(decodeAnnotation),
    images: arrayOf(delta.images).flatMap(decodeImage),
    toolCalls: arrayOf(delta.tool_calls).filter(isJsonObject).map(decodeToolCallPiece),
    reasoningDetails,
  };
}

/** Some servers send content as a list of parts, as requests may have it. */
function joinText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content) ?? '';
  return content.map((part: unknown) => textOf(objectOf(part).text) ?? '').join('');
}

/** Encrypted reasoning and signatures are for the next turn, not for people. */
function visibleReasoning(detail: JsonObject): string {
  if (detail.type === 'reasoning.text') return textOf(detail.text) ?? '';
  if (detail.type === 'reasoning.summary') return textOf(detail.summary) ?? '';
  return '';
}

function decodeAnnotation(value: unknown): Annotation[] {
  const citation = objectOf(objectOf(value).url_citation);
  const url = textOf(citation.url);
  return url !== null && /^https?:\/\//i.test(url) ? [{ url, title: textOf(citation.title) ?? '' }] : [];
}

function decodeImage(value: unknown): GeneratedImage[] {
  const url = textOf(objectOf(objectOf(value).image_url).url);
  return url !== null && /^(?:data:image\/|https:\/\/)/i.test(url) ? [{ url }] : [];
}

function decodeToolCallPiece(piece: JsonObject): ToolCallPiece {
  const called = objectOf(piece.function);
  return {
    index: typeof piece.index === 'number' ? piece.index : null,
    id: textOf(piece.id),
    name: textOf(called.name),
    arguments: textOf(called.arguments) ?? '',
  };
}
