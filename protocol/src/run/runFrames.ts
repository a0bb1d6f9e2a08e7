/** Turns one RunEvent with its cursor into one SSE frame, and back. */

import { isJsonObject, type JsonObject } from '../json.ts';
import { readEventData } from '../sse/eventData.ts';
import { frameEnd, frameHead } from '../sse/sseFrame.ts';
import type { SseMessage } from '../sse/sseParser.ts';
import { type Cursor, formatCursor, parseCursor } from './cursor.ts';
import type { RunEvent, RunEventType } from './runEvents.ts';

/** An event with its position: what the log stores and the wire carries. */
export interface RunFrame {
  /** The cursor after this event is applied. */
  readonly cursor: Cursor;
  readonly event: RunEvent;
}

/** Encodes a frame. Lone surrogates leave as JSON escapes, so the text is always valid UTF-8. */
export function encodeFrame(frame: RunFrame): string {
  const { cursor, event } = frame;
  return `${frameHead(formatCursor(cursor), event.type)}${JSON.stringify(event.data)}${frameEnd}`;
}

/**
 * What one SSE message of a run stream means. `event` is null for a type this version does not know: its cursor
 * still counts, its data is ignored.
 */
export interface DecodedFrame {
  readonly cursor: Cursor;
  readonly event: RunEvent | null;
}

const isMessage = (value: unknown): boolean =>
  isJsonObject(value) &&
  ['id', 'status', 'content', 'reasoning'].every((name) => typeof value[name] === 'string') &&
  ['annotations', 'images', 'toolCalls'].every((name) => Array.isArray(value[name]));
const isRunError = (value: unknown): boolean =>
  isJsonObject(value) && typeof value.code === 'string' && typeof value.message === 'string';

/**
 * Checks what a client relies on before it folds an event. `runEvents.ts` has the whole schema; a test compares both.
 */
const isDataOf: Readonly<Record<RunEventType, (data: JsonObject) => boolean>> = {
  'run-start': (data) => isJsonObject(data.run) && typeof data.run.id === 'string' && isMessage(data.message),
  reasoning: (data) => typeof data.reasoning === 'string',
  chunk: (data) => typeof data.content === 'string',
  annotation: (data) => Array.isArray(data.annotations),
  image: (data) => Array.isArray(data.images),
  'tool-call': (data) => Array.isArray(data.toolCalls),
  notice: (data) => typeof data.code === 'string' && isRunError(data.error),
  done: (data) => isMessage(data.message),
  error: (data) => isMessage(data.message) && isRunError(data.error),
};

const isKnownType = (type: string): type is RunEventType => Object.hasOwn(isDataOf, type);

/**
 * Reads one SSE message of a run stream; null when it has no id and so is no frame.
 * Errors: cursor_invalid for an id that is no cursor; bad_request for data that does not fit its type.
 */
export function decodeFrame(message: SseMessage): DecodedFrame | null {
  if (!message.id) return null;
  const cursor = parseCursor(message.id);
  const type = message.event ?? 'message';
  if (!isKnownType(type)) return { cursor, event: null };
  const data = readEventData(type, message.data, isDataOf[type]);
  return { cursor, event: { type, data } as unknown as RunEvent };
}
