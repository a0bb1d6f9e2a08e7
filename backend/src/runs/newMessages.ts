/** The two messages that a send makes. */
import { blankMessage, type Message } from '@rill/protocol';

export function newUserMessage(made: {
  readonly id: string;
  readonly chatId: string;
  readonly parentId: string | null;
  readonly content: string;
  readonly nowMs: number;
}): Message {
  const { nowMs, ...fields } = made;
  return {
    ...blankMessage(),
    ...fields,
    role: 'user',
    status: 'completed',
    runId: null,
    model: null,
    createdAtMs: nowMs,
  };
}

/** The empty answer that a run fills. `model` is the requested one until the provider says which answered. */
export function newAnswer(made: {
  readonly id: string;
  readonly chatId: string;
  readonly parentId: string;
  readonly runId: string;
  readonly model: string;
  readonly nowMs: number;
}): Message {
  const { nowMs, ...fields } = made;
  return { ...blankMessage(), ...fields, role: 'assistant', status: 'streaming', createdAtMs: nowMs };
}
