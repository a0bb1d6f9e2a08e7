/** The view of a run to the message it shows now: what has arrived so far stands in for what is not final. */
import type { Message, RunView } from '@rill/protocol';

/** True once the terminal event is in `view`. */
export function isEnded({ status }: RunView): boolean {
  return status !== 'waiting' && status !== 'streaming';
}

export function viewedMessage(view: RunView): Message {
  const { message, content, reasoning, annotations, images, toolCalls } = view;
  if (message && isEnded(view)) return message;
  return {
    id: view.cursor.runId,
    chatId: '',
    parentId: null,
    role: 'assistant',
    status: 'streaming',
    refusal: null,
    runId: view.cursor.runId,
    model: view.run?.model ?? null,
    provider: null,
    finishReason: null,
    error: view.error,
    usage: view.usage,
    timings: null,
    createdAtMs: 0,
    ...message,
    content,
    reasoning,
    annotations: [...annotations],
    images: [...images],
    toolCalls: [...toolCalls],
  };
}
