/**
 * Applies a frame to a view: answer text is assembled nowhere else.
 * Text is located by length and the rest by seq, so a repeated frame changes nothing, an overlapping one adds only
 * what is missing, and a gap is refused.
 */

import type {
  Annotation,
  GeneratedImage,
  Message,
  Run,
  RunError,
  ToolCall,
  Usage,
} from '../entities/entities.ts';
import { RillError } from '../errorTable.ts';
import { type Cursor, startOfRun } from './cursor.ts';
import type { NoticeData, RunEvent } from './runEvents.ts';
import type { DecodedFrame } from './runFrames.ts';

/** The state of a run for a reader: `waiting` before any text, then `streaming`, then how it ended. */
export type RunViewStatus = 'waiting' | 'streaming' | 'completed' | 'cancelled' | 'failed' | 'interrupted';

/** Everything a client draws of one run. Immutable: a fold returns the same object when nothing changed. */
export interface RunView {
  readonly cursor: Cursor;
  readonly status: RunViewStatus;
  readonly run: Run | null;
  readonly userMessage: Message | null;
  /** As in `run-start` while the run is live; the final message after the terminal event. */
  readonly message: Message | null;
  readonly content: string;
  readonly reasoning: string;
  readonly annotations: readonly Annotation[];
  readonly images: readonly GeneratedImage[];
  readonly toolCalls: readonly ToolCall[];
  /** The last notice, until text arrives. */
  readonly notice: NoticeData | null;
  readonly error: RunError | null;
  readonly usage: Usage | null;
}

/** The view of a run before its first frame. */
export function emptyRunView(runId: string): RunView {
  return {
    cursor: startOfRun(runId),
    status: 'waiting',
    run: null,
    userMessage: null,
    message: null,
    content: '',
    reasoning: '',
    annotations: [],
    images: [],
    toolCalls: [],
    notice: null,
    error: null,
    usage: null,
  };
}

/** True once the terminal event was applied. */
export function isEnded(view: RunView): boolean {
  return view.status !== 'waiting' && view.status !== 'streaming';
}

/**
 * Applies one frame. O(new text). A frame already applied, or after the end, returns `view` itself.
 * Errors: cursor_invalid for a frame of another run, one that leaves out text, or one whose text is longer than
 * its cursor says; the caller resumes from `view.cursor`.
 */
export function foldFrame(view: RunView, frame: DecodedFrame): RunView {
  if (frame.cursor.runId !== view.cursor.runId) {
    throw new RillError('cursor_invalid', { message: 'A frame belongs to another run.' });
  }
  if (isEnded(view)) return view;
  if (frame.event?.type === 'chunk' || frame.event?.type === 'reasoning') {
    return foldText(view, frame.cursor, frame.event);
  }
  if (frame.cursor.seq <= view.cursor.seq) return view;
  // The terminal event has the whole text, so its lengths count too.
  const isTerminal = frame.event?.type === 'done' || frame.event?.type === 'error';
  const cursor = isTerminal ? frame.cursor : { ...view.cursor, seq: frame.cursor.seq };
  return frame.event ? { ...view, ...foldOther(view, frame.event), cursor } : { ...view, cursor };
}

type TextEvent = Extract<RunEvent, { type: 'chunk' | 'reasoning' }>;
type OtherEvent = Exclude<RunEvent, TextEvent>;

function foldText(view: RunView, cursor: Cursor, event: TextEvent): RunView {
  const isContent = event.type === 'chunk';
  const text = isContent ? event.data.content : event.data.reasoning;
  const have = isContent ? view.content : view.reasoning;
  const end = isContent ? cursor.contentLength : cursor.reasoningLength;
  const start = end - text.length;
  if (start < 0 || start > have.length) {
    throw new RillError('cursor_invalid', { message: 'The text of a frame does not fit its position.' });
  }
  if (end <= have.length) return view;
  const grown = have + text.slice(have.length - start);
  const seq = Math.max(view.cursor.seq, cursor.seq);
  return isContent
    ? {
        ...view,
        content: grown,
        status: 'streaming',
        notice: null,
        cursor: { ...view.cursor, seq, contentLength: end },
      }
    : {
        ...view,
        reasoning: grown,
        status: 'streaming',
        notice: null,
        cursor: { ...view.cursor, seq, reasoningLength: end },
      };
}

function foldOther(view: RunView, event: OtherEvent): Partial<RunView> {
  switch (event.type) {
    case 'run-start':
      return { run: event.data.run, userMessage: event.data.userMessage, message: event.data.message };
    case 'annotation':
      return { annotations: [...view.annotations, ...event.data.annotations] };
    case 'image':
      return { images: [...view.images, ...event.data.images] };
    case 'tool-call':
      return { toolCalls: [...view.toolCalls, ...event.data.toolCalls] };
    case 'notice':
      return { notice: event.data };
    case 'done':
      return { ...finalFields(event.data.message), usage: event.data.usage };
    case 'error':
      return { ...finalFields(event.data.message), error: event.data.error, usage: event.data.usage ?? null };
  }
}

function finalFields(message: Message): Partial<RunView> {
  return {
    message,
    status: message.status === 'streaming' ? 'failed' : message.status,
    content: message.content,
    reasoning: message.reasoning,
    annotations: message.annotations,
    images: message.images,
    toolCalls: message.toolCalls,
    notice: null,
  };
}
