/**
 * A run that has ended, read from its message row: what a cursor misses in one chunk, then the terminal frame. It
 * needs no log, so it works for ever.
 */
import { blankMessage, type Cursor, formatCursor, type Message, type Run } from '@rill/protocol';
import { toRecord } from '../log/eventLog.ts';
import { checkPlace } from '../log/liveRuns.ts';
import {
  encodeAlone,
  encodeJsonText,
  encodeRecord,
  mergedText,
  type SourceFrame,
  withSharedText,
} from '../log/sourceFrame.ts';
import type { EndedRun } from './endedRuns.ts';
import { terminalEvent } from './endRun.ts';

export function createEndedRun(ended: {
  readonly run: Run;
  readonly message: Message;
  readonly userMessage: Message | null;
  readonly lastSeq: number;
}): EndedRun {
  const { run, message, lastSeq } = ended;
  const end: Cursor = {
    runId: run.id,
    seq: lastSeq,
    contentLength: message.content.length,
    reasoningLength: message.reasoning.length,
  };
  // One encoding for all readers, and of the text for both frames that carry it.
  const encoded: { terminal?: SourceFrame; content?: Buffer } = {};
  const contentJson = (): Buffer => {
    encoded.content ??= encodeJsonText(message.content);
    return encoded.content;
  };
  const terminalFrame = (): SourceFrame => {
    encoded.terminal ??= encodeTerminal(end, message, contentJson());
    return encoded.terminal;
  };
  return {
    isClosed: false,
    onChange: () => () => undefined,
    isAtEnd(cursor) {
      checkPlace(cursor, lastSeq, message);
      return cursor.seq === end.seq;
    },
    next(cursor): SourceFrame | null {
      if (cursor.seq >= end.seq) return null;
      if (cursor.seq === 0)
        return encodeRecord(toRecord({ cursor: { ...cursor, seq: 1 }, event: startEvent(ended) }));
      const { content, reasoning } = message;
      const missing = mergedText(cursor, { content, reasoning, seq: end.seq - 1 });
      return missing ? withSharedText(missing, content, contentJson) : terminalFrame();
    },
  };
}

/** The terminal frame around the JSON of its message's text, which is not encoded again. */
function encodeTerminal(cursor: Cursor, message: Message, contentJson: Buffer): SourceFrame {
  const { type, data } = terminalEvent(message);
  const around = JSON.stringify({ ...message, content: '' });
  // Only ids and words of ours come before it, and inside of any text a quote is escaped.
  const cut = around.indexOf(emptyContent) + emptyContent.length - 1;
  const fields = Object.entries(data).filter(([, value]) => value !== undefined);
  const index = fields.findIndex(([name]) => name === 'message');
  const encode = (some: typeof fields) => some.map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
  const before = [...encode(fields.slice(0, index)), `"message":${around.slice(0, cut)}`].join();
  const after = [around.slice(cut), ...encode(fields.slice(index + 1))].join();
  return {
    cursor,
    isTerminal: true,
    head: `id: ${formatCursor(cursor)}\nevent: ${type}\ndata: {`,
    body: { parts: [encodeAlone(before), contentJson, encodeAlone(`${after}}\n\n`)] },
  };
}

const emptyContent = '"content":""';

function startEvent({
  run,
  message,
  userMessage,
}: {
  run: Run;
  message: Message;
  userMessage: Message | null;
}) {
  return {
    type: 'run-start' as const,
    data: { run, userMessage, message: { ...message, ...blankMessage(), status: 'streaming' as const } },
  };
}
