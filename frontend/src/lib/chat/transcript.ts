/** What a chat shows, from top to bottom, as one list with stable keys: stored messages, the unsent one, the live answer. */
import { blankMessage, type Message } from '@rill/protocol';
import type { LiveRun } from './liveRun.svelte.ts';

/** A message that the server has not confirmed yet. */
export interface PendingMessage {
  /** Its key in the transcript and its idempotency key, the same through every retry. */
  readonly key: string;
  readonly content: string;
  readonly createdAtMs: number;
  /** One sentence when sending failed. */
  readonly failure: string | null;
}

export type TranscriptItem =
  | {
      readonly type: 'user';
      readonly key: string;
      readonly message: Message;
      readonly pending: PendingMessage | null;
    }
  | {
      readonly type: 'answer';
      readonly key: string;
      /** The earlier parts of the answer, which this message goes on with; first part first. */
      readonly before: readonly Message[];
      readonly message: Message;
      readonly siblings: readonly string[];
    }
  /** An answer that is being written, or was while this page watched: its element stays when it ends. */
  | {
      readonly type: 'watched';
      readonly key: string;
      readonly before: readonly Message[];
      readonly live: LiveRun;
      /** The message it became; null while it is being written. */
      readonly message: Message | null;
      readonly siblings: readonly string[];
    };

export interface TranscriptSource {
  readonly messages: readonly Message[];
  readonly siblings: Readonly<Record<string, readonly string[]>>;
  readonly pending: PendingMessage | null;
  readonly live: LiveRun | null;
  /** Runs watched to their end here, by the id of their message. */
  readonly watched: ReadonlyMap<string, LiveRun>;
  /** Keys given before the server named a user message, so that its element stays when the name arrives. */
  readonly keys: ReadonlyMap<string, string>;
}

export function transcriptItems(source: TranscriptSource): TranscriptItem[] {
  const { pending, live } = source;
  const stored = messagesBefore(source.messages, live?.replaces);
  // An answer that is being written and follows an answer, not a message, goes on with it.
  const continued = live && live.sends === undefined ? partsAtEnd(stored) : [];
  const items = storedItems(stored.slice(0, stored.length - continued.length), source);
  const unsent: TranscriptItem[] = pending
    ? [{ type: 'user', key: pending.key, message: unsentMessage(pending), pending }]
    : [];
  if (!live) return [...items, ...unsent];
  const siblings = live.messageId ? siblingsOfAnswer(live.messageId, live, source.siblings) : [];
  const answer: TranscriptItem = {
    type: 'watched',
    key: live.key,
    before: continued,
    live,
    message: null,
    siblings,
  };
  // A message that waits behind the answer to another one stands below it.
  return live.sends && live.sends === pending?.key
    ? [...items, ...unsent, answer]
    : [...items, answer, ...unsent];
}

/** One item a message, but one for all parts of an answer. */
function storedItems(messages: readonly Message[], source: TranscriptSource): TranscriptItem[] {
  const items: TranscriptItem[] = [];
  let before: Message[] = [];
  for (const [index, message] of messages.entries()) {
    if (isAnswer(message) && isAnswer(messages[index + 1])) before.push(message);
    else {
      items.push(storedItem(message, before, source));
      before = [];
    }
  }
  return items;
}

const isAnswer = (message: Message | undefined): boolean => message?.role === 'assistant';

/** The answers at the end of the list: parts of one answer. */
function partsAtEnd(messages: readonly Message[]): readonly Message[] {
  return messages.slice(messages.findLastIndex((message) => !isAnswer(message)) + 1);
}

function storedItem(
  message: Message,
  before: readonly Message[],
  { keys, siblings: allSiblings, watched }: TranscriptSource,
): TranscriptItem {
  if (message.role === 'user') {
    return { type: 'user', key: keys.get(message.id) ?? message.id, message, pending: null };
  }
  const siblings = allSiblings[message.id] ?? [];
  const live = watched.get(message.id);
  if (live) return { type: 'watched', key: live.key, before, live, message, siblings };
  return { type: 'answer', key: message.id, before, message, siblings };
}

/** The messages above the one with this id; all of them when it is not there. */
export function messagesBefore(messages: readonly Message[], id: string | undefined): readonly Message[] {
  const index = messages.findIndex((message) => message.id === id);
  return index < 0 ? messages : messages.slice(0, index);
}

/** Ids of all versions of a run's answer, oldest first; none when it is the only one. */
export function siblingsOfAnswer(
  messageId: string,
  { replaces }: Pick<LiveRun, 'replaces'>,
  siblings: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const known = siblings[messageId];
  if (known || replaces === undefined) return known ?? [];
  return [...(siblings[replaces] ?? [replaces]), messageId];
}

/** A message in the form the view draws, before the server gave it an id. */
function unsentMessage(pending: PendingMessage): Message {
  return {
    ...blankMessage(),
    id: pending.key,
    chatId: '',
    parentId: null,
    role: 'user',
    status: 'completed',
    content: pending.content,
    runId: null,
    model: null,
    createdAtMs: pending.createdAtMs,
  };
}

/** Cost of the shown answers. `isEstimated` when a part of it is not the provider's own figure; null when none is known. */
export function chatCost(messages: readonly Message[]): { costUsd: number; isEstimated: boolean } | null {
  const usages = messages.flatMap((message) => (message.usage ? [message.usage] : []));
  const known = usages.filter((usage) => usage.costUsd !== null);
  if (known.length === 0) return null;
  return {
    costUsd: known.reduce((sum, usage) => sum + (usage.costUsd ?? 0), 0),
    isEstimated: known.length < usages.length || known.some((usage) => usage.estimated),
  };
}
