/**
 * Defines rules for every message: its longest length, the fields of a new answer, and when an answer can be continued.
 */
import type { Message } from './entities.ts';

/** Longest message, in characters as Unicode counts them. The server's limit of a body can be the narrower one. */
export const maxContentCharacters = 1_000_000;

/** The fields of `Message` that an answer fills, all empty; a new object each time, so that its lists are never shared. */
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

/**
 * Whether an answer can be continued: the server refuses, and a page does not offer, anything else. True for one
 * with text that was cancelled, interrupted, failed in the middle, or reached its length limit.
 */
export function isCutShort(message: Pick<Message, 'role' | 'status' | 'content' | 'finishReason'>): boolean {
  if (message.role !== 'assistant' || message.content.trim() === '') return false;
  if (message.status === 'completed') return message.finishReason === 'length';
  return message.status !== 'streaming';
}
