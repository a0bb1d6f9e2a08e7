/**
 * Turns the provider's list of models into Rill's. Servers use many forms: the object of OpenRouter and OpenAI, a bare
 * array, names alone, or the forms of Ollama and Google. A minimal list gives models with few known properties.
 */
import {
  isJsonObject,
  type JsonObject,
  type Model,
  type ReasoningEffort,
  reasoningEfforts,
} from '@rill/protocol';
import { inputsOf, isForChat, outputsOf } from './chatModels.ts';
import { arrayOf, numberOf, objectOf, textOf } from './jsonValue.ts';
import { amountOf } from './usage.ts';

export interface ModelListing {
  /** In the provider's order, including embedding and speech models. */
  readonly models: readonly Model[];
  /** Ids of those that answer messages. */
  readonly forChat: ReadonlySet<string>;
  /** The id of a model by the dated name that its answers have. */
  readonly idBySlug: ReadonlyMap<string, string>;
}

/** Members of an object that may hold the list. */
const listNames = ['data', 'models', 'result', 'results', 'items', 'model_list', 'body'];

/** True for an error instead of a list. */
export function isErrorBody(body: unknown): boolean {
  return (
    isJsonObject(body) && listOf(body).length === 0 && (body.error ?? body.errors ?? body.detail) != null
  );
}

/** Decodes the body of `GET /models`. Entries without an id, wildcards and repeated ids are left out. */
export function decodeModels(body: unknown): ModelListing {
  const entries = listOf(body).flatMap(decodeModel);
  const models = new Map(entries.map((entry) => [entry.model.id, entry]));
  const all = [...models.values()];
  return {
    models: all.map(({ model }) => model),
    idBySlug: new Map(all.flatMap(({ slug, model }) => (slug === null ? [] : [[slug, model.id] as const]))),
    forChat: new Set(all.filter((entry) => entry.isForChat).map(({ model }) => model.id)),
  };
}

function listOf(body: unknown): readonly unknown[] {
  if (!isJsonObject(body)) return arrayOf(body);
  for (const name of listNames) {
    const value = body[name];
    if (Array.isArray(value)) return value;
    if (isJsonObject(value)) {
      const inner = listOf(value);
      if (inner.length > 0) return inner;
    }
  }
  return [];
}

interface ModelEntry {
  readonly model: Model;
  readonly isForChat: boolean;
  readonly slug: string | null;
}

function decodeModel(entry: unknown): ModelEntry[] {
  const facts = isJsonObject(entry) ? entry : { id: entry };
  const id = [facts.id, facts.name, facts.model, facts.model_name, facts.model_id, facts.slug]
    .map((value) => textOf(value)?.trim())
    .find(Boolean);
  // `*` and `openai/*` are rules of a gateway, not models.
  if (id === undefined || id.includes('*')) return [];
  const pricing = objectOf(facts.pricing);
  const cacheReadUsdPerToken = amountOf(pricing.input_cache_read);
  const model: Model = {
    id,
    name: textOf(facts.display_name) ?? textOf(facts.displayName) ?? textOf(facts.name) ?? id,
    contextLengthTokens: findTokens(facts, contextNames),
    maxCompletionTokens: findTokens(facts, answerNames),
    promptUsdPerToken: amountOf(pricing.prompt),
    completionUsdPerToken: amountOf(pricing.completion),
    ...(cacheReadUsdPerToken !== null && { cacheReadUsdPerToken }),
    isReasoning: isReasoning(facts),
    ...describedBy(facts),
  };
  return [{ model, isForChat: isForChat(id, facts), slug: textOf(facts.canonical_slug) }];
}

/** Names of the configured limit come before names of the limit that the model was built for. */
const contextNames = [
  'loaded_context_length',
  'context_length',
  'contextLength',
  'context_window',
  'contextWindow',
  'context_size',
  'max_model_len',
  'max_context_length',
  'max_context_tokens',
  'max_context_window_tokens',
  'max_sequence_length',
  'max_seq_len',
  'n_ctx',
  'num_ctx',
  'max_input_tokens',
  'max_prompt_tokens',
  'inputTokenLimit',
  'input_token_limit',
  'n_ctx_train',
  'max_position_embeddings',
];
const answerNames = [
  'max_completion_tokens',
  'max_output_tokens',
  'max_output_length',
  'maxOutputTokens',
  'outputTokenLimit',
  'output_token_limit',
];
/** Members of an entry that may hold such limits. */
const innerNames = [
  'top_provider',
  'meta',
  'metadata',
  'limits',
  'model_info',
  'details',
  'capabilities',
  'config',
];

function findTokens(entry: JsonObject, names: readonly string[]): number | null {
  const inner = innerNames.map((name) => objectOf(entry[name]));
  const containers = [entry, ...inner, ...inner.map(({ limits }) => objectOf(limits))];
  for (const name of names) {
    for (const container of containers) {
      const tokens = tokensOf(container[name]);
      if (tokens !== null) return tokens;
    }
  }
  return null;
}

/** Nothing if the server does not describe the model. */
function describedBy(entry: JsonObject): Partial<Model> {
  const [inputs, outputs] = [inputsOf(entry), outputsOf(entry)];
  const { supported_parameters: parameters } = entry;
  const efforts = effortsOf(entry);
  return {
    ...(inputs && { inputModalities: inputs }),
    ...(outputs && { outputModalities: outputs }),
    ...(Array.isArray(parameters) && {
      supportedParameters: parameters.filter((each) => typeof each === 'string'),
    }),
    ...(efforts && { reasoningEfforts: efforts }),
  };
}

function effortsOf(entry: JsonObject): ReasoningEffort[] | null {
  const { supported_efforts: efforts, mandatory: isMandatory } = objectOf(entry.reasoning);
  if (!Array.isArray(efforts)) return null;
  // Reasoning that may be switched off is switched off with this word, whether or not the list contains it.
  return reasoningEfforts.filter(
    (effort) => efforts.includes(effort) || (effort === 'none' && isMandatory === false),
  );
}

function isReasoning(entry: JsonObject): boolean {
  const parameters = arrayOf(entry.supported_parameters);
  return (
    isJsonObject(entry.reasoning) ||
    parameters.includes('reasoning') ||
    parameters.includes('reasoning_effort')
  );
}

/** Whole numbers above 0; some servers write `128k`. */
function tokensOf(value: unknown): number | null {
  const thousands = typeof value === 'string' ? /^\s*(\d+)\s*k\s*$/i.exec(value)?.[1] : undefined;
  const tokens = thousands === undefined ? numberOf(value) : Number(thousands) * 1024;
  return tokens !== null && Number.isInteger(tokens) && tokens > 0 ? tokens : null;
}
