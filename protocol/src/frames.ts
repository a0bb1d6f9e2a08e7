/**
 * One RunEvent with its cursor to one SSE frame, and back.
 * A frame is LF-ended, has one `id`, one `event` and one `data` line of JSON, and ends with a blank line.
 */
import type { EventSourceMessage } from 'eventsource-parser';
import { type Cursor, formatCursor, parseCursor } from './cursor.ts';
import { type Fields, isFields, readEventData } from './eventData.ts';
import type { RunEvent, RunEventType } from './events.ts';

/** An event in its place: what the log stores and the wire carries. */
export interface RunFrame {
  /** The cursor after this event is applied. */
  readonly cursor: Cursor;
  readonly event: RunEvent;
}

/** Sent once at the head of every stream: proxies flush, and EventSource learns how soon to come back. */
export const streamPreamble = ': rill\nretry: 1000\n\n';

/** Sent after silence so that proxies and watchdogs see a living connection. Not an event, has no id. */
export const heartbeatComment = ': heartbeat\n\n';

/** Encodes a frame. Lone surrogates leave as JSON escapes, so the text is always valid UTF-8. */
export function encodeFrame(frame: RunFrame): string {
  return encodeFrameText(frame.cursor, frame.event.type, JSON.stringify(frame.event.data));
}

/** The same for data that is JSON text already, such as a log record's. */
export function encodeFrameText(cursor: Cursor, type: RunEventType, dataJson: string): string {
  return `id: ${formatCursor(cursor)}\nevent: ${type}\ndata: ${dataJson}\n\n`;
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
  isFields(value) &&
  ['id', 'status', 'content', 'reasoning'].every((name) => typeof value[name] === 'string') &&
  ['annotations', 'images', 'toolCalls'].every((name) => Array.isArray(value[name]));
const isRunError = (value: unknown): boolean =>
  isFields(value) && typeof value.code === 'string' && typeof value.message === 'string';

/** What a client relies on before it folds an event; `events.ts` has the whole schema, and a test holds both together. */
const isDataOf: Readonly<Record<RunEventType, (data: Fields) => boolean>> = {
  'run-start': (data) => isFields(data.run) && typeof data.run.id === 'string' && isMessage(data.message),
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
export function decodeFrame(message: EventSourceMessage): DecodedFrame | null {
  if (!message.id) return null;
  const cursor = parseCursor(message.id);
  const type = message.event ?? 'message';
  if (!isKnownType(type)) return { cursor, event: null };
  const data = readEventData(type, message.data, isDataOf[type]);
  return { cursor, event: { type, data } as unknown as RunEvent };
}
