/**
 * A run that has ended, read from its message row: what a cursor misses in one chunk, then the terminal frame. It
 * needs no log, so it works for ever.
 */
import { blankMessage, type Cursor, type Message, type Run } from '@rill/protocol';
import { toRecord } from '../log/eventLog.ts';
import { checkPlace, encodeRecord, type FrameSource, mergedText, type SourceFrame } from '../log/liveRuns.ts';
import { terminalEvent } from './endRun.ts';

export interface EndedRun extends FrameSource {
  /** True when the cursor has the terminal event. Errors: cursor_invalid for a place after the end. */
  isAtEnd(cursor: Cursor): boolean;
}

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
      const text = mergedText(cursor, { ...message, seq: end.seq - 1 });
      return text ?? encodeRecord(toRecord({ cursor: end, event: terminalEvent(message) }));
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
