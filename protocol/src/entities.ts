/**
 * The things that rest in the database and travel in bodies and events: project, chat, message, run, usage, model.
 * Times are milliseconds since the Unix epoch; ids are UUIDv7; absent values are `null`, never missing.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { type ErrorCode, errorTable } from './errors.ts';

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const closed = { additionalProperties: false } as const;

export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$' });
const TimestampMs = Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' });

export const ErrorCodeSchema = Type.Unsafe<ErrorCode>(
  Type.String({ enum: Object.keys(errorTable), description: 'A code of the error table.' }),
);

/** Why a run ended badly, as clients see it. `message` is one safe sentence. */
export const RunError = Type.Object({
  code: ErrorCodeSchema,
  message: Type.String(),
  isRetryable: Type.Boolean(),
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type RunError = Static<typeof RunError>;

/** Tokens and cost of one answer. `estimated` is true unless every figure came from the provider. */
export const Usage = Type.Object({
  promptTokens: Type.Number({ minimum: 0 }),
  completionTokens: Type.Number({ minimum: 0, description: 'Includes reasoning tokens.' }),
  reasoningTokens: nullable(Type.Number({ minimum: 0 })),
  cachedTokens: nullable(Type.Number({ minimum: 0 })),
  costUsd: nullable(Type.Number({ description: 'US dollars; null when not known.' })),
  estimated: Type.Boolean(),
});
export type Usage = Static<typeof Usage>;

/** Limits on waiting, in milliseconds; each may only narrow the server's own. */
export const Timeouts = Type.Object(
  {
    connectMs: Type.Optional(Type.Integer({ minimum: 1 })),
    firstDeltaMs: Type.Optional(Type.Integer({ minimum: 1 })),
    idleMs: Type.Optional(Type.Integer({ minimum: 1 })),
    runMs: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);
export type Timeouts = Static<typeof Timeouts>;

export const Project = Type.Object({
  id: Id,
  name: Type.String(),
  systemPrompt: nullable(Type.String()),
  defaultModel: nullable(Type.String()),
  timeouts: nullable(Timeouts),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
});
export type Project = Static<typeof Project>;

export const Chat = Type.Object({
  id: Id,
  projectId: Id,
  title: Type.String(),
  model: nullable(Type.String()),
  activeLeafId: nullable(Id),
  activeRunId: nullable(Id),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
});
export type Chat = Static<typeof Chat>;

/** A source the model cited. `title` may be empty. */
export const Annotation = Type.Object({ url: Type.String(), title: Type.String() });
export type Annotation = Static<typeof Annotation>;

/** A picture the model made, as a data URL or an https URL. */
export const GeneratedImage = Type.Object({ url: Type.String() });
export type GeneratedImage = Static<typeof GeneratedImage>;

/** A tool call the model asked for; Rill shows it and runs nothing. `arguments` is the model's raw JSON text. */
export const ToolCall = Type.Object({ id: Type.String(), name: Type.String(), arguments: Type.String() });
export type ToolCall = Static<typeof ToolCall>;

export const MessageStatus = Type.Union([
  Type.Literal('streaming'),
  Type.Literal('completed'),
  Type.Literal('cancelled'),
  Type.Literal('failed'),
  Type.Literal('interrupted'),
]);
export type MessageStatus = Static<typeof MessageStatus>;

/** How long an answer took, in milliseconds from the send. */
export const Timings = Type.Object({
  firstDeltaMs: nullable(Type.Number({ minimum: 0 })),
  totalMs: nullable(Type.Number({ minimum: 0 })),
});
export type Timings = Static<typeof Timings>;

/** One node of a chat's message tree. A user message is `completed` from the start. */
export const Message = Type.Object({
  id: Id,
  chatId: Id,
  parentId: nullable(Id),
  role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]),
  status: MessageStatus,
  content: Type.String(),
  reasoning: Type.String(),
  refusal: nullable(Type.String({ description: 'What the model said when it declined to go on.' })),
  annotations: Type.Array(Annotation),
  images: Type.Array(GeneratedImage),
  toolCalls: Type.Array(ToolCall),
  runId: nullable(Id),
  model: nullable(Type.String({ description: 'The model that answered; the requested one until known.' })),
  provider: nullable(Type.String()),
  finishReason: nullable(Type.String({ description: "Why the model ended, in the provider's words." })),
  error: nullable(RunError),
  usage: nullable(Usage),
  timings: nullable(Timings),
  createdAtMs: TimestampMs,
});
export type Message = Static<typeof Message>;

export const RunState = Type.Union([
  Type.Literal('accepted'),
  Type.Literal('connecting'),
  Type.Literal('streaming'),
  Type.Literal('completed'),
  Type.Literal('cancelled'),
  Type.Literal('failed'),
  Type.Literal('interrupted'),
]);
export type RunState = Static<typeof RunState>;

/** What of the chat the model was given. Token counts are estimates. */
export const ContextReport = Type.Object({
  messageCount: Type.Integer({ minimum: 0 }),
  omittedMessageCount: Type.Integer({ minimum: 0 }),
  estimatedTokens: Type.Integer({ minimum: 0 }),
  contextLengthTokens: nullable(Type.Integer({ minimum: 0 })),
});
export type ContextReport = Static<typeof ContextReport>;

/** One attempt to produce one assistant message, from POST to its terminal event. */
export const Run = Type.Object({
  id: Id,
  chatId: Id,
  projectId: Id,
  messageId: Id,
  state: RunState,
  model: Type.String(),
  context: nullable(ContextReport),
  error: nullable(RunError),
  cancelRequestedAtMs: nullable(TimestampMs),
  createdAtMs: TimestampMs,
  endedAtMs: nullable(TimestampMs),
});
export type Run = Static<typeof Run>;

export const Model = Type.Object({
  id: Type.String(),
  name: Type.String(),
  contextLengthTokens: nullable(Type.Integer()),
  maxCompletionTokens: nullable(Type.Integer()),
  promptUsdPerToken: nullable(Type.Number()),
  completionUsdPerToken: nullable(Type.Number()),
  isReasoning: Type.Boolean(),
});
export type Model = Static<typeof Model>;
