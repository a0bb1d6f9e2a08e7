/**
 * Turns one FeedEvent with its cursor into one SSE frame, and back. Its frames have the same form as those of a run.
 */
import { isJsonObject, type JsonObject } from '../json.ts';
import { readEventData } from '../sse/eventData.ts';
import { frameEnd, frameHead } from '../sse/sseFrame.ts';
import type { SseMessage } from '../sse/sseParser.ts';
import type { FeedEvent, FeedEventType } from './feedEvents.ts';

/** An event of the feed and the position after it. */
export interface FeedFrame {
  /** Opaque: returned unchanged, as `Last-Event-ID` or `?cursor=`. */
  readonly cursor: string;
  readonly event: FeedEvent;
}

/** What one SSE message of the feed means; `event` is null for a type that this version does not know. */
export interface DecodedFeedFrame {
  readonly cursor: string;
  readonly event: FeedEvent | null;
}

/** Encodes a frame. Lone surrogates leave as JSON escapes, so the text is always valid UTF-8. */
export function encodeFeedFrame({ cursor, event }: FeedFrame): string {
  return `${frameHead(cursor, event.type)}${JSON.stringify(event.data)}${frameEnd}`;
}

const hasTexts = (value: unknown, ...names: readonly string[]): boolean =>
  isJsonObject(value) && names.every((name) => typeof value[name] === 'string');

/**
 * Checks what a client relies on before it applies an event. `feedEvents.ts` has the whole schema; a test compares
 * both.
 */
const isDataOf: Readonly<Record<FeedEventType, (data: JsonObject) => boolean>> = {
  'feed-start': (data) => typeof data.isWhole === 'boolean',
  'run-change': (data) => hasTexts(data.run, 'id', 'projectId', 'chatId', 'messageId', 'state'),
  'chat-change': (data) => hasTexts(data.chat, 'id', 'projectId', 'title'),
  'chat-delete': (data) => hasTexts(data, 'projectId', 'chatId'),
  'project-change': (data) => hasTexts(data.project, 'id', 'name'),
  'project-delete': (data) => hasTexts(data, 'projectId'),
  'messages-change': (data) => hasTexts(data, 'projectId', 'chatId'),
  'models-change': (data) => typeof data.isDemo === 'boolean',
  'message-change': (data) =>
    hasTexts(data, 'projectId', 'chatId', 'messageId') && (data.usage === null || isJsonObject(data.usage)),
  'draft-change': (data) => hasTexts(data, 'projectId', 'writer') && typeof data.revision === 'number',
  'queue-change': (data) => hasTexts(data, 'projectId', 'chatId') && typeof data.revision === 'number',
};

const isKnownType = (type: string): type is FeedEventType => Object.hasOwn(isDataOf, type);

/**
 * Reads one SSE message of the feed; null when it has no id and so is no frame.
 * Errors: bad_request for data that does not fit its type.
 */
export function decodeFeedFrame(message: SseMessage): DecodedFeedFrame | null {
  if (!message.id) return null;
  const cursor = message.id;
  const type = message.event ?? 'message';
  if (!isKnownType(type)) return { cursor, event: null };
  const data = readEventData(type, message.data, isDataOf[type]);
  return { cursor, event: { type, data } as unknown as FeedEvent };
}
