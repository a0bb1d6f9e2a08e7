/**
 * Implements the server side of a run as plain functions: from steps to a log, and from a log and a cursor to the
 * frames that a resume gets. It makes the catch-up rules of PROTOCOL.md executable; servers and clients are tested
 * against it.
 */

import type { Annotation, GeneratedImage, Message, RunError, ToolCall } from '../src/entities/entities.ts';
import { RillError } from '../src/errorTable.ts';
import type { Cursor } from '../src/run/cursor.ts';
import type { NoticeData, RunEvent } from '../src/run/runEvents.ts';
import type { RunFrame } from '../src/run/runFrames.ts';
import { sampleIds, sampleMessage, sampleRun, sampleUsage, sampleUserMessage } from './sampleEntities.ts';

/** What happens in a run between its start and its end. Texts are never empty. */
export type Step =
  | { readonly kind: 'notice'; readonly notice: NoticeData }
  | { readonly kind: 'reasoning'; readonly text: string }
  | { readonly kind: 'chunk'; readonly text: string }
  | { readonly kind: 'annotation'; readonly annotations: Annotation[] }
  | { readonly kind: 'image'; readonly images: GeneratedImage[] }
  | { readonly kind: 'tool-call'; readonly toolCalls: ToolCall[] };

/** How a run ends; null leaves it live. */
export type Ending = 'completed' | 'cancelled' | 'failed' | 'interrupted' | null;

/** The whole log of a run, in order, from `run-start`. */
export function buildLog(
  steps: readonly Step[],
  ending: Ending = 'completed',
  runId: string = sampleIds.runId,
): RunFrame[] {
  const log: RunFrame[] = [];
  const state = { contentLength: 0, reasoningLength: 0 };
  const append = (event: RunEvent): void => {
    if (event.type === 'chunk') state.contentLength += event.data.content.length;
    if (event.type === 'reasoning') state.reasoningLength += event.data.reasoning.length;
    log.push({ cursor: { runId, seq: log.length + 1, ...state }, event });
  };
  const message = sampleMessage({ runId });
  append({
    type: 'run-start',
    data: { run: sampleRun({ id: runId }), userMessage: sampleUserMessage(), message },
  });
  for (const step of steps) append(eventOf(step));
  if (ending) append(terminalEvent(message, steps, ending));
  return log;
}

function eventOf(step: Step): RunEvent {
  switch (step.kind) {
    case 'notice':
      return { type: 'notice', data: step.notice };
    case 'reasoning':
      return { type: 'reasoning', data: { reasoning: step.text, done: false } };
    case 'chunk':
      return { type: 'chunk', data: { content: step.text, done: false } };
    case 'annotation':
      return { type: 'annotation', data: { annotations: step.annotations } };
    case 'image':
      return { type: 'image', data: { images: step.images } };
    case 'tool-call':
      return { type: 'tool-call', data: { toolCalls: step.toolCalls } };
  }
}

function terminalEvent(started: Message, steps: readonly Step[], ending: NonNullable<Ending>): RunEvent {
  const usage = sampleUsage({ estimated: ending !== 'completed' });
  const message: Message = {
    ...started,
    status: ending,
    content: steps.map((step) => (step.kind === 'chunk' ? step.text : '')).join(''),
    reasoning: steps.map((step) => (step.kind === 'reasoning' ? step.text : '')).join(''),
    annotations: steps.flatMap((step) => (step.kind === 'annotation' ? step.annotations : [])),
    images: steps.flatMap((step) => (step.kind === 'image' ? step.images : [])),
    toolCalls: steps.flatMap((step) => (step.kind === 'tool-call' ? step.toolCalls : [])),
    finishReason: ending === 'completed' ? 'stop' : null,
    usage,
  };
  if (ending === 'completed' || ending === 'cancelled') return { type: 'done', data: { message, usage } };
  const code = ending === 'interrupted' ? 'interrupted' : 'idle_timeout';
  const { message: sentence, isRetryable } = new RillError(code);
  const error: RunError = { code, message: sentence, isRetryable };
  return { type: 'error', data: { error, message: { ...message, error }, usage } };
}

/**
 * The frames that bring a reader from `from` to the end of `log`: the missed events that are not text, one merged
 * reasoning frame, one merged chunk frame, then the terminal frame. Every cursor on the way says only what the
 * reader has, so a cut between any two frames loses nothing.
 * Errors: cursor_invalid for a cursor of another run or beyond the log.
 */
export function catchUpFrames(log: readonly RunFrame[], from: Cursor): RunFrame[] {
  const last = log.at(-1);
  if (!last || !isWithin(from, last.cursor)) throw new RillError('cursor_invalid');
  const terminal = isTerminal(last) ? last : null;
  const open = terminal ? log.slice(0, -1) : log;
  const frames = open.flatMap(({ cursor, event }) =>
    isText(event) || cursor.seq <= from.seq ? [] : [{ cursor: { ...from, seq: cursor.seq }, event }],
  );
  const seq = Math.max(from.seq, open.at(-1)?.cursor.seq ?? 0);
  frames.push(...mergedText(textOf(open), { ...from, seq }));
  if (terminal && from.seq < terminal.cursor.seq) frames.push(terminal);
  return frames;
}

/**
 * The same frames once the events in between are deleted: `run-start` for a reader that has nothing, text cut from the
 * final message, then the terminal frame.
 */
export function catchUpFromMessage(start: RunFrame, terminal: RunFrame, from: Cursor): RunFrame[] {
  if (!('message' in terminal.event.data) || !isWithin(from, terminal.cursor)) {
    throw new RillError('cursor_invalid');
  }
  if (from.seq >= terminal.cursor.seq) return [];
  const seq = Math.max(from.seq, terminal.cursor.seq - 1);
  const first = from.seq === 0 ? [{ cursor: { ...from, seq: 1 }, event: start.event }] : [];
  return [...first, ...mergedText(terminal.event.data.message, { ...from, seq }), terminal];
}

function mergedText(text: { content: string; reasoning: string }, from: Cursor): RunFrame[] {
  const frames: RunFrame[] = [];
  const reasoning = text.reasoning.slice(from.reasoningLength);
  const content = text.content.slice(from.contentLength);
  const afterReasoning = { ...from, reasoningLength: from.reasoningLength + reasoning.length };
  const afterContent = { ...afterReasoning, contentLength: from.contentLength + content.length };
  if (reasoning) {
    frames.push({ cursor: afterReasoning, event: { type: 'reasoning', data: { reasoning, done: false } } });
  }
  if (content) {
    frames.push({ cursor: afterContent, event: { type: 'chunk', data: { content, done: false } } });
  }
  return frames;
}

function textOf(log: readonly RunFrame[]): { content: string; reasoning: string } {
  const text = { content: '', reasoning: '' };
  for (const { event } of log) {
    if (event.type === 'chunk') text.content += event.data.content;
    if (event.type === 'reasoning') text.reasoning += event.data.reasoning;
  }
  return text;
}

const isText = (event: RunEvent): boolean => event.type === 'chunk' || event.type === 'reasoning';
const isTerminal = ({ event }: RunFrame): boolean => event.type === 'done' || event.type === 'error';
const isWithin = (from: Cursor, end: Cursor): boolean =>
  from.runId === end.runId &&
  from.seq <= end.seq &&
  from.contentLength <= end.contentLength &&
  from.reasoningLength <= end.reasoningLength;
