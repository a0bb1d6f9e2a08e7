/**
 * Reads a finished run from its message row: the text after the cursor in one chunk, then the terminal frame. It needs
 * no log, so it works for ever.
 */
import {
  blankMessage,
  type Cursor,
  formatCursor,
  type Message,
  RillError,
  type Run,
  type RunEvent,
} from '@rill/protocol';
import { KeptEncodings } from './frameSlices.ts';
import { assertReachable, type EventFrame, eventFrame, type FrameSource, mergedText } from './frameSource.ts';
import { GrowingText, type SliceableText } from './growingText.ts';
import { encodeAlone, FinishedText } from './jsonText.ts';
import { encodeMessage, encodeTerminalData, giantLength, terminalEvent, weightOf } from './terminalEvent.ts';

/** A finished run, made by `createFinishedRunSource`. */
export interface FinishedRunSource extends FrameSource {
  /** True when the cursor has the terminal event. Errors: cursor_invalid for a position after the end. */
  isAtEnd(cursor: Cursor): boolean;
}

type RunStartData = Extract<RunEvent, { type: 'run-start' }>['data'];

interface FinishedRun {
  readonly run: Run;
  readonly message: Message;
  readonly userMessage: Message | null;
  readonly lastSeq: number;
  /** UTF-16 units of text in the log that are reasoning in the message. */
  readonly thinkingLength: number;
}

export function createFinishedRunSource(finished: FinishedRun): FinishedRunSource {
  const { run, message, lastSeq, thinkingLength } = finished;
  const end: Cursor = {
    runId: run.id,
    seq: lastSeq,
    contentLength: message.content.length,
    reasoningLength: message.reasoning.length,
  };
  // The closures below capture these and not the message, which may be a giant.
  const startParts = [encodeAlone(JSON.stringify(startData(finished)))];
  const endType = terminalEvent(message).type;
  const { texts, terminalParts } = weightOf(message) < giantLength ? inHeap(message) : outsideOfHeap(message);
  let terminal: EventFrame | null = null;
  return {
    isClosed: false,
    onChange: () => () => undefined,
    isAtEnd(cursor) {
      if (thinkingLength === 0) assertReachable(cursor, lastSeq, texts);
      else if (cursor.contentLength > thinkingLength + texts.content.length)
        throw new RillError('cursor_invalid');
      else assertReachable(positionInFinal(cursor, texts), lastSeq, texts);
      return cursor.seq === end.seq;
    },
    next(cursor) {
      if (cursor.seq >= end.seq) return null;
      if (cursor.seq === 0) return eventFrame({ ...cursor, seq: 1 }, 'run-start', startParts);
      const position = thinkingLength === 0 ? cursor : positionInFinal(cursor, texts);
      const missing = mergedText(position, { ...texts, seq: end.seq - 1 });
      if (missing) return missing;
      // Built when the first reader needs it, and shared by all.
      terminal ??= {
        cursor: end,
        id: formatCursor(end),
        type: endType,
        dataParts: terminalParts(),
        range: null,
        isTerminal: true,
        kept: new KeptEncodings(),
      };
      return terminal;
    },
  };
}

interface FinishedTexts {
  readonly texts: { readonly content: SliceableText; readonly reasoning: SliceableText };
  readonly terminalParts: () => readonly Buffer[];
}

/** Each text is encoded once, for the two frames that contain it. */
function inHeap(message: Message): FinishedTexts {
  const texts = {
    content: new FinishedText(message.content),
    reasoning: new FinishedText(message.reasoning),
  };
  return {
    texts,
    terminalParts() {
      const escaped = { content: [texts.content.escaped], reasoning: [texts.reasoning.escaped] };
      return encodeTerminalData(terminalEvent(message), encodeMessage(message, escaped));
    },
  };
}

/** A giant answer is encoded at once and does not stay in the heap, however slow its readers are. */
function outsideOfHeap(message: Message): FinishedTexts {
  const texts = { content: new GrowingText(), reasoning: new GrowingText() };
  texts.content.append(message.content);
  texts.reasoning.append(message.reasoning);
  const parts = encodeTerminalData(terminalEvent(message), encodeMessage(message));
  return { texts, terminalParts: () => parts };
}

/**
 * The position of a reader in the final texts of a run whose text turned out to be thinking. A reader with content of
 * the live run is at their end: it needs only the terminal frame, which replaces what it has. A reader without content,
 * or with all of the reasoning, has read only final text.
 */
function positionInFinal(cursor: Cursor, { content, reasoning }: FinishedTexts['texts']): Cursor {
  const isOfFinal = cursor.contentLength === 0 || cursor.reasoningLength >= reasoning.length;
  return isOfFinal
    ? { ...cursor, contentLength: Math.min(cursor.contentLength, content.length) }
    : { ...cursor, contentLength: content.length, reasoningLength: reasoning.length };
}

function startData({ run, message, userMessage }: FinishedRun): RunStartData {
  return { run, userMessage, message: { ...message, ...blankMessage(), status: 'streaming' } };
}
