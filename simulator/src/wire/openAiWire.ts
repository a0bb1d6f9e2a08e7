/**
 * Writes the shapes of a plain OpenAI-compatible server such as Ollama or llama.cpp: the role only in the first delta,
 * no provider, no cost, `reasoning_content`, and usage only on request.
 */

import type { JsonObject } from '../jsonData.ts';
import type { CompletionWire, GenerationIdentity } from './completionWire.ts';
import { openAiUsage } from './tokenUsage.ts';

/** Makes the wire of one generation. Stateful: the first delta it writes carries the role. */
export function openAiWire(identity: GenerationIdentity, includesUsage: boolean): CompletionWire {
  const { id, createdSeconds: created, model } = identity;
  let hasSentRole = false;
  const chunk = (rest: JsonObject): JsonObject => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    system_fingerprint: 'fp_simulator',
    ...rest,
  });
  const delta = (rest: JsonObject): JsonObject => {
    const role = hasSentRole ? {} : { role: 'assistant' };
    hasSentRole = true;
    return chunk({ choices: [{ index: 0, delta: { ...role, ...rest }, finish_reason: null }] });
  };
  return {
    headers: () => ({}),
    content: (text) => delta({ content: text }),
    reasoning: (text) => delta({ reasoning_content: text }),
    sources: (annotations) => delta({ annotations: [...annotations] }),
    images: (images) => delta({ images: [...images] }),
    finish: (reason, _nativeReason, refusal) =>
      chunk({ choices: [{ index: 0, delta: { refusal }, finish_reason: reason }] }),
    accounting: ({ counts, usage }) =>
      includesUsage ? chunk({ choices: [], usage: usage ?? openAiUsage(counts) }) : undefined,
    error: (error) => ({
      error: { message: error.message, type: 'server_error', param: null, code: error.code },
    }),
    whole: (answer) => ({
      ...chunk({}),
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: answer.finishReason,
          message: {
            role: 'assistant',
            content: answer.content,
            reasoning_content: answer.reasoning === '' ? undefined : answer.reasoning,
            refusal: answer.refusal,
          },
        },
      ],
      usage: answer.usage ?? openAiUsage(answer.counts),
    }),
  };
}
