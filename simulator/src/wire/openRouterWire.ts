/**
 * Writes OpenRouter's current shapes: role and content on every delta, the finish reason repeated on a separate
 * accounting chunk, reasoning in two fields with the same text.
 */

import type { JsonObject } from '../jsonData.ts';
import type { CompletionWire, GenerationIdentity } from './completionWire.ts';
import { openRouterUsage } from './tokenUsage.ts';

/** Makes the wire of one generation. */
export function openRouterWire(identity: GenerationIdentity): CompletionWire {
  const { id, createdSeconds: created, model, provider } = identity;
  const chunk = (rest: JsonObject): JsonObject => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    provider,
    ...rest,
  });
  return {
    headers: () => ({
      'access-control-expose-headers': 'X-Generation-Id,X-Provider-Name,request-id,cf-ray',
      'x-generation-id': id,
      'x-provider-name': provider,
    }),
    content: (text) => chunk({ choices: [choice({ content: text, role: 'assistant' })] }),
    reasoning: (text) => chunk({ choices: [choice(reasoningDelta(text))] }),
    sources: (annotations) =>
      chunk({ choices: [choice({ content: '', role: 'assistant', annotations: [...annotations] })] }),
    images: (images) => chunk({ choices: [choice({ content: '', role: 'assistant', images: [...images] })] }),
    finish: (reason, nativeReason, refusal) =>
      chunk({ choices: [choice({ content: '', role: 'assistant', refusal }, reason, nativeReason)] }),
    accounting: ({ finishReason, nativeFinishReason, counts, price, usage }) =>
      chunk({
        service_tier: null,
        choices: [choice({ content: '', role: 'assistant' }, finishReason, nativeFinishReason)],
        usage: usage ?? openRouterUsage(counts, price),
      }),
    error: (error, choices) => {
      if (choices === 'absent') return { error: { ...error } };
      const errorChoice = { index: 0, delta: { content: '' }, finish_reason: 'error' };
      return chunk({ error: { ...error }, choices: choices === 'empty' ? [] : [errorChoice] });
    },
    whole: (answer) => ({
      ...chunk({ system_fingerprint: null, service_tier: null }),
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          logprobs: null,
          finish_reason: answer.finishReason,
          native_finish_reason: answer.nativeFinishReason,
          message: wholeMessage(answer.content, answer.reasoning, answer.refusal ?? null),
        },
      ],
      usage: answer.usage ?? openRouterUsage(answer.counts, answer.price),
    }),
  };
}

function choice(
  delta: JsonObject,
  finishReason: string | null = null,
  nativeReason: string | null = null,
): JsonObject {
  return { index: 0, delta, finish_reason: finishReason, native_finish_reason: nativeReason };
}

function reasoningDelta(text: string): JsonObject {
  return { content: '', role: 'assistant', reasoning: text, reasoning_details: [reasoningDetail(text)] };
}

function reasoningDetail(text: string): JsonObject {
  return { type: 'reasoning.text', text, format: 'unknown', index: 0 };
}

function wholeMessage(content: string, reasoning: string, refusal: string | null): JsonObject {
  const message = { role: 'assistant', content, refusal };
  return reasoning === ''
    ? { ...message, reasoning: null }
    : { ...message, reasoning, reasoning_details: [reasoningDetail(reasoning)] };
}
