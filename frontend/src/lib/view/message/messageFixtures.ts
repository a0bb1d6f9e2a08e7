/** Makes messages, views of a run and watched runs for tests, with defaults for irrelevant fields. */
import { blankMessage, emptyRunView, type Message, type Run, type RunView } from '@rill/protocol';
import { WatchedRun } from '../../chat/run/watchedRun.svelte.ts';

export function messageFixture(changes: Partial<Message> = {}): Message {
  return {
    ...blankMessage(),
    id: 'answer-1',
    chatId: 'chat-1',
    parentId: 'question-1',
    role: 'assistant',
    status: 'completed',
    content: 'An answer.',
    runId: 'run-1',
    model: 'demo/quick',
    provider: 'Simulator',
    finishReason: 'stop',
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
  return {
    ...emptyRunView('run-1'),
    cursor: { runId: 'run-1', seq: 1, contentLength: 0, reasoningLength: 0 },
    status: hasText ? 'streaming' : 'waiting',
    run,
    message: messageFixture({ ...blankMessage(), status: 'streaming' }),
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

/** A run that shows `view`; a test changes what it shows by its fields. */
export function watchedRunFixture(
  view: RunView,
  { startedAtMs = 0, isFromElsewhere = false } = {},
): WatchedRun {
  const nothing = () => undefined;
  const live = new WatchedRun({
    key: 'answer-1',
    startedAtMs,
    view,
    isFromElsewhere,
    scheduleFrame: () => nothing,
    announcer: { announce: nothing },
    onStart: nothing,
    onConnectionLost: nothing,
  });
  live.connection = 'open';
  live.foundText = { contentLength: view.content.length, reasoningLength: view.reasoning.length };
  return live;
}
