/** What a chat shows, from top to bottom, as one list with stable keys: stored messages, the unsent one, the live answer. */
import type { Message } from '@rill/protocol';
import type { LiveRun } from './liveRun.svelte.ts';

/** A message that the server has not confirmed yet. */
export interface PendingMessage {
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
      readonly message: Message;
      readonly siblings: readonly string[];
    }
  /** An answer that is being written, or was while this page watched: its element stays when it ends. */
  | {
      readonly type: 'watched';
      readonly key: string;
      readonly live: LiveRun;
      readonly messageId: string | null;
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
  const items: TranscriptItem[] = source.messages.map((message) => {
    if (message.role === 'user') {
      return { type: 'user', key: source.keys.get(message.id) ?? message.id, message, pending: null };
    }
    const siblings = source.siblings[message.id] ?? [];
    const live = source.watched.get(message.id);
    if (live) return { type: 'watched', key: live.key, live, messageId: message.id, siblings };
    return { type: 'answer', key: message.id, message, siblings };
  });
  const { pending, live } = source;
  if (pending) items.push({ type: 'user', key: pending.key, message: unsentMessage(pending), pending });
  if (live) items.push({ type: 'watched', key: live.key, live, messageId: null, siblings: [] });
  return items;
}

/** A message in the form the view draws, before the server gave it an id. */
function unsentMessage(pending: PendingMessage): Message {
  return {
    id: pending.key,
    chatId: '',
    parentId: null,
    role: 'user',
    status: 'completed',
    content: pending.content,
    reasoning: '',
    refusal: null,
    annotations: [],
    images: [],
    toolCalls: [],
    runId: null,
    model: null,
    provider: null,
    finishReason: null,
    error: null,
    usage: null,
    timings: null,
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
