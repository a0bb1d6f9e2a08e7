/** Lists the entries of `GET /models`: the demo models in full, and a plain entry for each model that a test scripts. */

import type { JsonObject } from '../jsonData.ts';
import type { Dialect } from './completionWire.ts';
import { cacheReadShare, type TokenPrice } from './tokenUsage.ts';

/** The fields in which the listed models differ. */
export interface ModelFacts {
  id: string;
  name: string;
  description: string;
  contextLength: number;
  maxCompletionTokens: number;
  /** USD per token, written as the wire does. */
  promptPrice: string;
  completionPrice: string;
  isReasoning: boolean;
  takesImages: boolean;
  /** The kinds of its output, in the wire's words. */
  outputs: readonly string[];
}

const demoModels: readonly ModelFacts[] = [
  model(
    'demo/quick',
    'Demo: Quick',
    'Short, well set answers that start at once.',
    32_768,
    4_096,
    '0.00000015',
    '0.0000006',
  ),
  model(
    'demo/long',
    'Demo: Long',
    'An almanac of more than 20,000 words that uses every construct of markdown.',
    131_072,
    65_536,
    '0.000003',
    '0.000015',
  ),
  {
    ...model(
      'demo/thinker',
      'Demo: Thinker',
      'Thinks aloud before it answers.',
      65_536,
      16_384,
      '0.000001',
      '0.000005',
    ),
    isReasoning: true,
  },
  model(
    'demo/flaky',
    'Demo: Flaky',
    'Fails in a documented way: say 429, 502, html, cut, reset, mid-stream, stall, empty, filter or length.',
    32_768,
    4_096,
    '0.00000015',
    '0.0000006',
  ),
  model(
    'demo/slow-start',
    'Demo: Slow start',
    'Keeps the line open for four seconds before the first word.',
    32_768,
    4_096,
    '0.00000015',
    '0.0000006',
  ),
  {
    ...model(
      'demo/echo',
      'Demo: Echo (free)',
      'Says the last message back, word by word.',
      32_768,
      8_192,
      '0',
      '0',
    ),
    takesImages: true,
  },
  {
    ...model(
      'demo/painter',
      'Demo: Painter',
      'Draws a small picture for each message, and writes nothing.',
      32_768,
      4_096,
      '0.0000003',
      '0.0000025',
    ),
    takesImages: true,
    outputs: ['image'],
  },
];

/** The release date of every model in the catalogue, seconds since the epoch. */
const createdSeconds = 1_787_400_000;

function model(
  id: string,
  name: string,
  description: string,
  contextLength: number,
  maxCompletionTokens: number,
  promptPrice: string,
  completionPrice: string,
): ModelFacts {
  return {
    id,
    name,
    description,
    contextLength,
    maxCompletionTokens,
    promptPrice,
    completionPrice,
    isReasoning: false,
    takesImages: false,
    outputs: ['text'],
  };
}

/** Price of any model; models outside the catalogue cost as much as demo/quick. */
export function priceOf(modelId: string): TokenPrice {
  const facts = factsOf(modelId);
  return { prompt: Number(facts.promptPrice), completion: Number(facts.completionPrice) };
}

/**
 * The whole answer of `GET /models`. With `outputs`, it lists the models that have one of these outputs, as OpenRouter
 * does.
 */
export function modelList(
  dialect: Dialect,
  scriptedModels: readonly string[],
  outputs: readonly string[],
): JsonObject {
  const demoIds = demoModels.map((facts) => facts.id);
  const ids = [...demoIds, ...scriptedModels.filter((id) => !demoIds.includes(id))];
  if (dialect === 'openai') {
    return {
      object: 'list',
      data: ids.map((id) => ({ id, object: 'model', created: createdSeconds, owned_by: 'simulator' })),
    };
  }
  const listed = ids.map(factsOf).filter((facts) => facts.outputs.some((kind) => outputs.includes(kind)));
  return { data: listed.map(modelEntry), total_count: listed.length, links: { next: null } };
}

function factsOf(id: string): ModelFacts {
  return (
    demoModels.find((facts) => facts.id === id) ??
    model(id, id, 'Answers as it was programmed to.', 32_768, 4_096, '0.00000015', '0.0000006')
  );
}

function modelEntry(facts: ModelFacts): JsonObject {
  const inputs = facts.takesImages ? ['text', 'image'] : ['text'];
  const parameters = ['max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'seed', 'stop'];
  return {
    id: facts.id,
    canonical_slug: facts.id,
    name: facts.name,
    description: facts.description,
    created: createdSeconds,
    context_length: facts.contextLength,
    architecture: {
      modality: `${inputs.join('+')}->${facts.outputs.join('+')}`,
      input_modalities: inputs,
      output_modalities: [...facts.outputs],
      tokenizer: 'Other',
      instruct_type: null,
    },
    pricing: {
      prompt: facts.promptPrice,
      completion: facts.completionPrice,
      request: '0',
      image: '0',
      web_search: '0',
      internal_reasoning: '0',
      input_cache_read: String(Number(facts.promptPrice) * cacheReadShare),
    },
    top_provider: {
      context_length: facts.contextLength,
      max_completion_tokens: facts.maxCompletionTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: facts.isReasoning ? [...parameters, 'reasoning', 'include_reasoning'] : parameters,
    default_parameters: {},
    expiration_date: null,
    knowledge_cutoff: null,
    ...(facts.isReasoning ? { reasoning: reasoningSupport } : {}),
  };
}

const reasoningSupport: JsonObject = {
  mandatory: false,
  default_enabled: true,
  default_effort: 'medium',
  supported_efforts: ['high', 'medium', 'low'],
  supports_max_tokens: true,
};
