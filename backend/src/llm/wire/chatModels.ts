/** Distinguishes chat models from those for embeddings, speech, images, ranking and moderation. */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { arrayOf, objectOf, textOf } from './jsonValue.ts';

const otherWork =
  /embed|rerank|\bbge[-_]|(?:^|[/:_-])(?:e5|gte|uae)[-_]|minilm|whisper|\btts\b|[-_]tts\b|\bstt\b|[-_]asr\b|speech|transcri|voxtral|parakeet|kokoro|bark\b|orpheus|dall-?e|gpt-image|imagen\b|image-?gen|stable-?diffusion|\bsdxl?\b|flux[.\d-]|\bflux\b|playground-v|moderation|llama-?guard|prompt-?guard|shieldgemma|safeguard|\bsora\b|\bveo\b|video-?gen|kling|lyria|musicgen|colbert|splade|\bclip\b|davinci-002|babbage-002|\bocr\b|text-similarity|nomic-bert/i;
const chatWork =
  /chat|completion|text-generation|language|\bllm\b|\bvlm\b|generateContent|conversational|image-text-to-text/i;

/** A kind stated by the entry outranks what the name suggests. */
export function isForChat(id: string, entry: JsonObject): boolean {
  const outputs = outputsOf(entry);
  if (outputs !== null && !outputs.includes('text')) return false;
  const {
    chat,
    completion_chat: completionChat,
    chat_completion: chatCompletion,
  } = objectOf(entry.capabilities);
  const stated = [completionChat, chatCompletion, chat].find((value) => typeof value === 'boolean');
  if (stated !== undefined) return stated === true;
  const kinds = kindsOf(entry);
  if (kinds.some((kind) => chatWork.test(kind))) return true;
  return (
    !otherWork.test(id) &&
    !kinds.some((kind) => otherWork.test(kind) || /^(?:image|audio|video)$/i.test(kind))
  );
}

/** The output modalities of the model, such as `text`; null when the entry does not say. */
export function outputsOf(entry: JsonObject): string[] | null {
  const { output_modalities: outputs, modality } = objectOf(entry.architecture);
  const lists = [outputs, entry.output_modalities, objectOf(entry.modalities).output];
  return firstWords(lists) ?? textOf(modality)?.split('->')[1]?.split('+') ?? null;
}

/** The input modalities of the model; null when the entry does not say. */
export function inputsOf(entry: JsonObject): string[] | null {
  const { input_modalities: inputs, modality } = objectOf(entry.architecture);
  const lists = [inputs, entry.input_modalities, objectOf(entry.modalities).input];
  const [before, after] = textOf(modality)?.split('->') ?? [];
  return firstWords(lists) ?? (after === undefined ? null : (before?.split('+') ?? null));
}

function firstWords(lists: readonly unknown[]): string[] | null {
  const list = lists.find((each) => Array.isArray(each) && each.length > 0);
  return list === undefined ? null : arrayOf(list).filter((word) => typeof word === 'string');
}

/** Words for the kind of the model, wherever servers put them. */
function kindsOf(entry: JsonObject): string[] {
  const details = objectOf(entry.details);
  const info = objectOf(entry.model_info);
  return [
    entry.type,
    entry.task,
    entry.kind,
    entry.model_type,
    entry.mode,
    info.mode,
    entry.pipeline_tag,
    details.family,
    ...arrayOf(entry.tasks),
    ...arrayOf(entry.capabilities),
    ...arrayOf(entry.supportedGenerationMethods),
    ...arrayOf(entry.supported_endpoint_types),
    ...arrayOf(entry.supported_endpoints),
    ...arrayOf(entry.endpoints),
  ]
    .map((value) => textOf(isJsonObject(value) ? value.name : value))
    .filter((value) => value !== null);
}
