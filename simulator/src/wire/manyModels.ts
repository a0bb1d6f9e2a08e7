/** Lists 400 models in the form of OpenRouter's list, from `fixtures/models/catalogue.tsv` with facts as of 2025. */
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../jsonData.ts';

const kinds: Readonly<Record<string, string>> = { t: 'text', i: 'image', f: 'file', a: 'audio', v: 'video' };
/** What each letter of the last column allows a request to set. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  t: ['temperature'],
  p: ['top_p'],
  k: ['top_k'],
  s: ['seed'],
  x: ['stop'],
  r: ['reasoning', 'include_reasoning'],
  e: ['reasoning_effort'],
  f: ['tools', 'tool_choice'],
  j: ['response_format', 'structured_outputs'],
};
const spell = (letters: string) => [...letters].flatMap((letter) => kinds[letter] ?? []);

/** A body for `modelList`. */
export function manyModels(): JsonObject {
  const path = new URL('../../fixtures/models/catalogue.tsv', import.meta.url);
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return { data: lines.map(entryOf) };
}

function entryOf(line: string): JsonObject {
  const [
    id = '',
    name = '',
    context = '',
    answer = '',
    prompt = '',
    completion = '',
    reads = '',
    writes = '',
    takes = '',
  ] = line.split('\t');
  const [inputs, outputs] = [spell(reads), spell(writes)];
  return {
    id,
    canonical_slug: id,
    name,
    context_length: Number(context) || null,
    architecture: {
      modality: `${inputs.join('+')}->${outputs.join('+')}`,
      input_modalities: inputs,
      output_modalities: outputs,
    },
    pricing: { prompt: usdPerToken(prompt), completion: usdPerToken(completion) },
    top_provider: { context_length: Number(context) || null, max_completion_tokens: Number(answer) || null },
    ...(takes !== '' && {
      supported_parameters: ['max_tokens', ...[...takes].flatMap((letter) => parameters[letter] ?? [])],
    }),
  };
}

/** Price as the wire writes it; `-1` where it is not known in advance. */
const usdPerToken = (usdPerMillion: string): string =>
  usdPerMillion === '' ? '-1' : String(Number(usdPerMillion) / 1_000_000);
