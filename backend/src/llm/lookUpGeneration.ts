/**
 * `GET /generation` to what one provider call used, for calls whose stream ended without saying it. OpenRouter keeps
 * such a record of every call and shows it a while after the end; other servers have no such endpoint.
 */
import { isJsonObject, type JsonObject, numberOf, objectOf } from './jsonValue.ts';
import { LlmFailure } from './llmFailure.ts';
import { knowsOpenRouterFields, type ProviderSettings } from './openRouterRequest.ts';
import { type ProviderQuestion, readProviderJson } from './readProviderJson.ts';
import type { AttemptContext } from './streamAttempt.ts';
import { type ProviderUsage, readUsage } from './usage.ts';

/** OpenRouter's own form; the `chatcmpl-…` of other servers names nothing that could be asked for. */
const generationIdForm = /^gen-[\w-]{1,200}$/;

/** True when the provider may have a record of the call. */
export function mayHaveRecord(generationId: string, { baseUrl }: ProviderSettings): boolean {
  return knowsOpenRouterFields(baseUrl) && generationIdForm.test(generationId);
}

/**
 * Reads the record; null while there is none, or none with figures.
 * Errors: exactly the reason of an aborted `signal`, else LlmFailure.
 */
export async function lookUpGeneration(
  generationId: string,
  signal: AbortSignal,
  context: AttemptContext,
): Promise<ProviderUsage | null> {
  const question: ProviderQuestion = {
    path: `generation?id=${encodeURIComponent(generationId)}`,
    answerMs: 10_000,
    maxBodyBytes: 1024 * 1024,
    isAnswer: ({ data }) => isJsonObject(data),
  };
  try {
    const { data } = await readProviderJson(question, signal, context);
    return decodeGenerationRecord(objectOf(data));
  } catch (error) {
    if (error instanceof LlmFailure && error.report.upstreamStatus === 404) return null;
    throw error;
  }
}

/**
 * The figures of a record in the form of a stream's `usage`, so that both rest alike; nothing else of it is taken.
 * Null unless cost and both token counts are known: a record appears before it is complete.
 */
function decodeGenerationRecord(record: JsonObject): ProviderUsage | null {
  const prompt_tokens = firstNumber(record.native_tokens_prompt, record.tokens_prompt);
  const completion_tokens = firstNumber(record.native_tokens_completion, record.tokens_completion);
  const cost = firstNumber(record.total_cost, record.usage);
  if (prompt_tokens === null || completion_tokens === null || cost === null) return null;
  return readUsage({
    prompt_tokens,
    completion_tokens,
    prompt_tokens_details: { cached_tokens: numberOf(record.native_tokens_cached) },
    completion_tokens_details: { reasoning_tokens: numberOf(record.native_tokens_reasoning) },
    cost,
    is_byok: record.is_byok === true,
    cost_details: { upstream_inference_cost: numberOf(record.upstream_inference_cost) },
  });
}

/** A count or a cost is never below 0; one that is reads as absent. */
function firstNumber(...values: readonly unknown[]): number | null {
  return values.map(numberOf).find((value) => value !== null && value >= 0) ?? null;
}
