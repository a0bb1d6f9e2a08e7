/** Describes the end of an answer in one sentence; null for a normal end. */
import type { Message, RunError } from '@rill/protocol';
import { messageStrings } from '../../strings/messageStrings.ts';

export interface EndedNote {
  readonly tone: 'quiet' | 'warning' | 'danger';
  readonly words: string;
  readonly error: RunError | null;
}

export function endedNote(message: Message): EndedNote | null {
  const { ended } = messageStrings;
  switch (message.status) {
    case 'streaming':
      return null;
    case 'cancelled':
      return { tone: 'quiet', words: ended.cancelled(message.content.length), error: null };
    case 'interrupted':
      return interruptedNote(message);
    case 'failed': {
      const sentence = message.error?.message ?? ended.failed;
      const kept = message.content === '' ? '' : ` ${ended.textKept}`;
      return { tone: 'danger', words: `${sentence}${kept}`, error: message.error };
    }
    case 'completed':
      return completedNote(message);
  }
}

/** Only the server knows that it restarted; a stream that the page could not read is reported separately. */
function interruptedNote({ content, error }: Message): EndedNote {
  const { ended } = messageStrings;
  if (!error || error.code === 'interrupted')
    return { tone: 'warning', words: ended.interrupted(content.length), error: null };
  const kept = content === '' ? '' : ` ${ended.textKept}`;
  return { tone: 'warning', words: `${error.message}${kept}`, error };
}

function completedNote(message: Message): EndedNote | null {
  const { ended } = messageStrings;
  if (message.finishReason === 'length') return { tone: 'warning', words: ended.outputLimit, error: null };
  if (message.finishReason === 'content_filter')
    return { tone: 'warning', words: ended.contentFilter, error: null };
  const { content, refusal, images, toolCalls } = message;
  const isEmpty = content.trim() === '' && !refusal && images.length === 0 && toolCalls.length === 0;
  if (isEmpty) return { tone: 'quiet', words: ended.empty, error: null };
  return message.web === 'refused' ? { tone: 'quiet', words: ended.withoutWeb, error: null } : null;
}
