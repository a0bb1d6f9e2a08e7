/** What a message holds before anything of its answer is known. */
import type { Message } from './entities.ts';

/** The fields of `Message` that an answer fills, all empty; a new object each time, so that nobody shares its lists. */
export function blankMessage() {
  return {
    content: '',
    reasoning: '',
    refusal: null,
    annotations: [],
    images: [],
    toolCalls: [],
    provider: null,
    finishReason: null,
    error: null,
    usage: null,
    timings: null,
  } satisfies Partial<Message>;
}
