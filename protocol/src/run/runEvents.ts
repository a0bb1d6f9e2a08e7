/**
 * Defines RunEvent, the one union of what happens in a run. The log stores it, streams carry it, the fold applies it. A
 * client ignores a type that it does not know, so types may be added and never change meaning.
 */
import { type Static, Type } from 'typebox';
import { Annotation, GeneratedImage, Message, Run, RunError, ToolCall, Usage } from '../entities/entities.ts';
import { eventSchema } from '../entities/fieldSchemas.ts';

/**
 * The first event of every run: which message is answered by which. `userMessage` is null when an answer is
 * regenerated.
 */
export const RunStartData = Type.Object({
  run: Run,
  userMessage: Type.Union([Message, Type.Null()]),
  message: Message,
});

/** Added answer text. Never empty; never the text so far. */
export const ChunkData = Type.Object({ content: Type.String({ minLength: 1 }), done: Type.Literal(false) });

/** Added reasoning text. Never empty; never the text so far. */
export const ReasoningData = Type.Object({
  reasoning: Type.String({ minLength: 1 }),
  done: Type.Literal(false),
});

/** Sources the model cited, at least one; added to those so far. */
export const AnnotationData = Type.Object({ annotations: Type.Array(Annotation, { minItems: 1 }) });
/** Pictures the model made, at least one; added to those so far. */
export const ImageData = Type.Object({ images: Type.Array(GeneratedImage, { minItems: 1 }) });
/** Tool calls that the model requested, at least one; added to those so far. Nothing runs them. */
export const ToolCallData = Type.Object({ toolCalls: Type.Array(ToolCall, { minItems: 1 }) });

/** Something worth showing while waiting. `retrying`: an attempt failed before any text, another follows. */
export const NoticeData = Type.Object({
  code: Type.Literal('retrying'),
  error: RunError,
  attempt: Type.Integer({ minimum: 2, description: 'Number of the attempt that follows.' }),
  delayMs: Type.Integer({ minimum: 0, description: 'Wait before it, in milliseconds.' }),
});

/** Terminal: the answer ended well or was cancelled; `message` is whole and final. */
export const DoneData = Type.Object({ message: Message, usage: Type.Union([Usage, Type.Null()]) });

/** Terminal: the run failed; `message` holds the text that was kept. */
export const ErrorData = Type.Object({
  error: RunError,
  message: Message,
  usage: Type.Optional(Type.Union([Usage, Type.Null()])),
});

/**
 * One thing that happened in a run: `type` names it, `data` is what the log stores and the wire carries.
 * Order: `run-start` first, one of `done` and `error` last, the others between in any number and order.
 * Source: PROTOCOL.md "Events", with an example of each.
 */
export const RunEvent = Type.Union([
  eventSchema('run-start', RunStartData),
  eventSchema('reasoning', ReasoningData),
  eventSchema('chunk', ChunkData),
  eventSchema('annotation', AnnotationData),
  eventSchema('image', ImageData),
  eventSchema('tool-call', ToolCallData),
  eventSchema('notice', NoticeData),
  eventSchema('done', DoneData),
  eventSchema('error', ErrorData),
]);
export type RunEvent = Static<typeof RunEvent>;
/** The `event` field of a frame. */
export type RunEventType = RunEvent['type'];

export type RunStartData = Static<typeof RunStartData>;
export type NoticeData = Static<typeof NoticeData>;
export type DoneData = Static<typeof DoneData>;
export type ErrorData = Static<typeof ErrorData>;

/** True for the last event of a run. */
export function isTerminalEventType(type: string): type is 'done' | 'error' {
  return type === 'done' || type === 'error';
}
