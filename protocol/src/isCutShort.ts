/** Whether an answer has an end that is still to be written; the server refuses, and a page does not offer, anything else. */
import type { Message } from './entities.ts';

/** True for an answer with text that was cancelled, interrupted, failed in the middle, or reached its length limit. */
export function isCutShort(message: Pick<Message, 'role' | 'status' | 'content' | 'finishReason'>): boolean {
  if (message.role !== 'assistant' || message.content.trim() === '') return false;
  if (message.status === 'completed') return message.finishReason === 'length';
  return message.status !== 'streaming';
}
