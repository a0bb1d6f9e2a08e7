/**
 * A run that has ended, read from its message row: what a cursor misses in one chunk, then the terminal frame. It
 * needs no log, so it works for ever.
 */
import { blankMessage, type Cursor, type Message, type Run } from '@rill/protocol';
import { toRecord } from '../log/eventLog.ts';
import { checkPlace } from '../log/liveRuns.ts';
import { encodeRecord, mergedText, type SourceFrame } from '../log/sourceFrame.ts';
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
  // One encoding for all readers: a long answer is in it once more.
  const encoded: { terminal?: SourceFrame } = {};
  const terminalFrame = (): SourceFrame => {
    encoded.terminal ??= encodeRecord(toRecord({ cursor: end, event: terminalEvent(message) }));
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
      return mergedText(cursor, { content, reasoning, seq: end.seq - 1 }) ?? terminalFrame();
    },
  };
}

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
