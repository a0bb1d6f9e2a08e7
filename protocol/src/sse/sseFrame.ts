/**
 * Writes the SSE lines around an event. A frame ends its lines with LF, has one `id`, one `event` and one `data` line
 * of JSON, and ends with a blank line.
 */

/** Sent once at the start of every stream: proxies flush, and EventSource learns how soon to reconnect. */
export const streamPreamble = ': rill\nretry: 1000\n\n';

/** Sent after silence so that proxies and watchdogs see a living connection. Not an event, has no id. */
export const heartbeatComment = ': heartbeat\n\n';

/** The text before the JSON of an event's data in a frame of a run or of the feed. */
export const frameHead = (id: string, type: string): string => `id: ${id}\nevent: ${type}\ndata: `;

/** The text after that JSON. */
export const frameEnd = '\n\n';
