/** The provider's list of models to Rill's; minimal OpenAI lists give models with little known about them. */
import type { Model } from '@rill/protocol';
import { arrayOf, isJsonObject, type JsonObject, numberOf, objectOf, textOf } from './jsonValue.ts';

/** Decodes the body of `GET /models`, in its order. Entries without an id, and repeated ids, are left out. */
export function decodeModels(body: JsonObject): Model[] {
  const models = arrayOf(body.data).filter(isJsonObject).flatMap(decodeModel);
  return [...new Map(models.map((model) => [model.id, model])).values()];
}

function decodeModel(entry: JsonObject): Model[] {
  const id = textOf(entry.id);
  if (id === null) return [];
  const topProvider = objectOf(entry.top_provider);
  const pricing = objectOf(entry.pricing);
  return [
    {
      id,
      name: textOf(entry.name) ?? id,
      contextLengthTokens: tokensOf(
        entry.context_length ?? topProvider.context_length ?? entry.max_model_len,
      ),
      maxCompletionTokens: tokensOf(topProvider.max_completion_tokens),
      promptUsdPerToken: priceOf(pricing.prompt),
      completionUsdPerToken: priceOf(pricing.completion),
      isReasoning: isReasoning(entry),
    },
  ];
}

function isReasoning(entry: JsonObject): boolean {
  const parameters = arrayOf(entry.supported_parameters);
  return (
    isJsonObject(entry.reasoning) ||
    parameters.includes('reasoning') ||
    parameters.includes('reasoning_effort')
  );
}

function tokensOf(value: unknown): number | null {
  const tokens = numberOf(value);
  return tokens !== null && Number.isInteger(tokens) && tokens > 0 ? tokens : null;
}

/** Prices are strings in US dollars; "-1" means not known in advance. */
function priceOf(value: unknown): number | null {
  const price = numberOf(value);
  return price !== null && price >= 0 ? price : null;
}
