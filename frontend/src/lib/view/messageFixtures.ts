/** A message and a view of a run for tests, with what a test does not care about filled in. */
import type { Message, Run, RunView } from '@rill/protocol';

export function messageFixture(changes: Partial<Message> = {}): Message {
  return {
    id: 'answer-1',
    chatId: 'chat-1',
    parentId: 'question-1',
    role: 'assistant',
    status: 'completed',
    content: 'An answer.',
    reasoning: '',
    refusal: null,
    annotations: [],
    images: [],
    toolCalls: [],
    runId: 'run-1',
    model: 'demo/quick',
    provider: 'Simulator',
    finishReason: 'stop',
    error: null,
    usage: {
      promptTokens: 1_204,
      completionTokens: 412,
      reasoningTokens: null,
      cachedTokens: null,
      costUsd: 0.0031,
      estimated: false,
    },
    timings: { firstDeltaMs: 812, totalMs: 12_400 },
    createdAtMs: 1_700_000_000_000,
    ...changes,
  };
}

const run: Run = {
  id: 'run-1',
  chatId: 'chat-1',
  projectId: 'project-1',
  messageId: 'answer-1',
  state: 'streaming',
  model: 'demo/quick',
  context: null,
  error: null,
  cancelRequestedAtMs: null,
  createdAtMs: 1_700_000_000_000,
  endedAtMs: null,
};

/** A live view; `content` and `reasoning` decide whether it waits or streams. */
export function viewFixture(changes: Partial<RunView> = {}): RunView {
  const hasText = Boolean(changes.content ?? changes.reasoning);
  const usage = { usage: null, timings: null, finishReason: null };
  return {
    cursor: { runId: 'run-1', seq: 1, contentLength: 0, reasoningLength: 0 },
    status: hasText ? 'streaming' : 'waiting',
    run,
    userMessage: null,
    content: '',
    reasoning: '',
    annotations: [],
    images: [],
    toolCalls: [],
    notice: null,
    error: null,
    usage: null,
    message: messageFixture({ status: 'streaming', content: '', provider: null, ...usage }),
    ...changes,
  };
}

/** The view after the terminal event. */
export function endedViewFixture(changes: Partial<Message> = {}): RunView {
  const message = messageFixture(changes);
  const { content, reasoning, error, usage } = message;
  const status = message.status === 'streaming' ? 'failed' : message.status;
  return { ...viewFixture(), status, message, content, reasoning, error, usage };
}
