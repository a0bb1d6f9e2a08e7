/** `GET /models` to Rill's models: one call without retries. */
import type { Model } from '@rill/protocol';
import { decodeModels } from './models.ts';
import { type ProviderQuestion, readProviderJson } from './readProviderJson.ts';
import type { AttemptContext } from './streamAttempt.ts';

/** Reads the list. Errors: exactly the reason of an aborted `signal`, else LlmFailure. */
export async function listModels(signal: AbortSignal, context: AttemptContext): Promise<Model[]> {
  const question: ProviderQuestion = {
    path: 'models',
    answerMs: 15_000,
    // OpenRouter's whole list is below 2 MB.
    maxBodyBytes: 32 * 1024 * 1024,
    isAnswer: ({ data }) => Array.isArray(data),
  };
  return decodeModels(await readProviderJson(question, signal, context));
}
