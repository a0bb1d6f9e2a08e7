/** Lists the items of a chat from top to bottom under stable keys: stored messages, the unsent one, the live answer. */
import { blankMessage, type Message, sumUsage, type Usage } from '@rill/protocol';
import type { Written } from '../files/written.ts';
import type { WatchedRun } from '../run/watchedRun.svelte.ts';

/** A message that the server has not confirmed yet. */
export interface PendingMessage extends Written {
  /** Its key in the transcript and its idempotency key, the same through every retry. */
  readonly key: string;
  readonly createdAtMs: number;
  /** One sentence when sending failed. */
  readonly failure: string | null;
  /** True when sending it again as it is would fail again. */
  readonly isRefused?: boolean;
}

/** All versions of one part of an answer, the shown one included, oldest first. */
export interface PartVersions {
  readonly messageId: string;
  readonly siblings: readonly string[];
}

export type TranscriptItem =
  | {
      readonly type: 'user';
      readonly key: string;
      readonly message: Message;
      readonly pending: PendingMessage | null;
      /** Ids of all versions, oldest first; empty when this is the only one. */
      readonly siblings: readonly string[];
    }
  | AnswerItem;

export type AnswerItem = {
  readonly type: 'answer';
  readonly key: string;
  /** The earlier parts of the answer, which this message continues; first part first. */
  readonly before: readonly Message[];
  /** The earlier parts that have other versions. */
  readonly versionsBefore: readonly PartVersions[];
  readonly siblings: readonly string[];
} & (
  | { readonly message: Message; readonly live?: WatchedRun | undefined }
  /** An answer that is being written. Separate from its text, so that the list does not change with every frame. */
  | { readonly message?: undefined; readonly live: WatchedRun }
);

/** The content of an item that is shown now. */
export function shownMessage(item: TranscriptItem): Message {
  return item.message ?? item.live.message;
}

export interface TranscriptSource {
  readonly messages: readonly Message[];
  readonly siblings: Readonly<Record<string, readonly string[]>>;
  readonly pending: PendingMessage | null;
  readonly live: WatchedRun | null;
  /** Runs watched to their end here, by the id of their message. */
  readonly watched: ReadonlyMap<string, WatchedRun>;
  /** Keys given before the server sent the id of a user message, so that its element stays when the id arrives. */
  readonly keys: ReadonlyMap<string, string>;
}

export function transcriptItems(source: TranscriptSource): TranscriptItem[] {
  const { pending, live } = source;
  const stored = messagesBefore(source.messages, live?.replaces);
  // An answer that is being written and follows an answer, not a message, continues it.
  const continued = live && live.sends === undefined ? partsAtEnd(stored) : [];
  const items = storedItems(stored.slice(0, stored.length - continued.length), source);
  const unsent: TranscriptItem[] = pending
    ? [{ type: 'user', key: pending.key, message: unsentMessage(pending), pending, siblings: [] }]
    : [];
  if (!live) return [...items, ...unsent];
  const siblings = live.messageId ? siblingsOfAnswer(live.messageId, live, source.siblings) : [];
  const answer: TranscriptItem = {
    type: 'answer',
    key: live.key,
    before: continued,
    versionsBefore: versionsOf(continued, source.siblings),
    live,
    siblings,
  };
  // A message that waits for the answer to another one is below that answer.
  return live.sends && live.sends === pending?.key
    ? [...items, ...unsent, answer]
    : [...items, answer, ...unsent];
}

/** One item per message, but one for all parts of an answer. */
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
  const siblings = allSiblings[message.id] ?? [];
  if (message.role === 'user') {
    return { type: 'user', key: keys.get(message.id) ?? message.id, message, pending: null, siblings };
  }
  const versionsBefore = versionsOf(before, allSiblings);
  const live = watched.get(message.id);
  return { type: 'answer', key: live?.key ?? message.id, before, versionsBefore, live, message, siblings };
}

function versionsOf(
  parts: readonly Message[],
  siblings: TranscriptSource['siblings'],
): readonly PartVersions[] {
  return parts.flatMap(({ id }) => {
    const versions = siblings[id];
    return versions ? [{ messageId: id, siblings: versions }] : [];
  });
}

/** The messages above the one with this id; all of them when it is missing. */
export function messagesBefore(messages: readonly Message[], id: string | undefined): readonly Message[] {
  const index = messages.findIndex((message) => message.id === id);
  return index < 0 ? messages : messages.slice(0, index);
}

/** Ids of all versions of a run's answer, oldest first; none when it is the only one. */
export function siblingsOfAnswer(
  messageId: string,
  { replaces }: Pick<WatchedRun, 'replaces'>,
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
    ...(pending.files && { files: [...pending.files] }),
    runId: null,
    model: null,
    createdAtMs: pending.createdAtMs,
  };
}

export interface Cost {
  readonly costUsd: number;
  /** True when any part of it is not the provider's own figure. */
  readonly isEstimated: boolean;
}

export function addCosts(one: Cost | null, other: Cost | null): Cost | null {
  if (one === null || other === null) return one ?? other;
  return {
    costUsd: one.costUsd + other.costUsd,
    isEstimated: one.isEstimated || other.isEstimated,
  };
}

/**
 * Sums the cost of several answers. Null stands for an answer of which nothing is known; the sum is null when no cost
 * is known.
 */
export function costOf(usages: readonly (Usage | null)[]): Cost | null {
  const known = usages.filter((usage) => usage !== null);
  const { costUsd = null, estimated = false } = sumUsage(known) ?? {};
  if (costUsd === null) return null;
  return { costUsd, isEstimated: estimated || known.some((usage) => usage.costUsd === null) };
}
