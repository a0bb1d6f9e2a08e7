/**
 * Describes what is stored and travels in bodies and events: project, chat, message, run, usage, model.
 * Times are milliseconds since the Unix epoch; ids are UUIDv7; absent values are `null`, never missing.
 */
import { type Static, Type } from 'typebox';
import { type ErrorCode, errorTable } from '../errorTable.ts';
import { closed, Id, nullable } from './fieldSchemas.ts';
import { FileReference } from './fileReference.ts';
import { GenerationOptions } from './generationOptions.ts';

export { Id } from './fieldSchemas.ts';

const TimestampMs = Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' });

/** One code of `errorTable`, as a schema. */
export const ErrorCodeSchema = Type.Unsafe<ErrorCode>(
  Type.String({ enum: Object.keys(errorTable), description: 'A code of the error table.' }),
);

/** Why a run ended badly, as clients see it. `message` is one safe sentence. */
export const RunError = Type.Object({
  code: ErrorCodeSchema,
  message: Type.String(),
  isRetryable: Type.Boolean(),
  retryAfterMs: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Wait before a retry can succeed, in milliseconds.' }),
  ),
});
export type RunError = Static<typeof RunError>;

/** Tokens and cost of one answer. `estimated` is true unless every figure came from the provider. */
export const Usage = Type.Object({
  promptTokens: Type.Number({ minimum: 0, description: 'Tokens of the context.' }),
  completionTokens: Type.Number({ minimum: 0, description: 'Includes reasoning tokens.' }),
  reasoningTokens: nullable(Type.Number({ minimum: 0, description: 'Tokens; null when not known.' })),
  cachedTokens: nullable(
    Type.Number({ minimum: 0, description: 'Prompt tokens read from a cache; null when not known.' }),
  ),
  cacheWriteTokens: Type.Optional(
    Type.Number({ minimum: 0, description: 'Prompt tokens written to a cache; absent when not known.' }),
  ),
  costUsd: nullable(Type.Number({ description: 'US dollars; null when not known.' })),
  toolCostUsd: Type.Optional(
    Type.Number({
      minimum: 0,
      description: "The fee of the provider's tools, in US dollars; a part of `costUsd`. Absent for none.",
    }),
  ),
  searchCount: Type.Optional(
    Type.Number({ minimum: 1, description: 'Web searches that the provider made; absent for none.' }),
  ),
  savedUsd: Type.Optional(
    Type.Number({
      minimum: 0,
      description: 'What reading from a cache saved, in US dollars; absent when not known.',
    }),
  ),
  estimated: Type.Boolean({
    description:
      'True unless every figure came from the provider, which may bill more than an estimate says.',
  }),
});
export type Usage = Static<typeof Usage>;

const LimitMs = (meaning: string) =>
  Type.Optional(Type.Integer({ minimum: 1, description: `${meaning}, in milliseconds.` }));

/**
 * Limits on waiting, in milliseconds. Each can only be shorter than the server's own, which applies where one is
 * absent.
 */
export const Timeouts = Type.Object(
  {
    connectMs: LimitMs('Limit for connecting to the provider'),
    firstDeltaMs: LimitMs('Limit for the wait until the first text'),
    idleMs: LimitMs('Longest silence in mid-answer'),
    runMs: LimitMs('Limit of a whole answer'),
  },
  closed,
);
export type Timeouts = Static<typeof Timeouts>;

/**
 * Holds chats, and what they share: the system prompt, the model for chats that name none, the options of answers for
 * messages that state none, and limits on waiting. `null` in one of these leaves it to the server.
 */
export const Project = Type.Object({
  id: Id,
  name: Type.String(),
  systemPrompt: nullable(Type.String()),
  defaultModel: nullable(Type.String()),
  options: nullable(GenerationOptions),
  timeouts: nullable(Timeouts),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
});
export type Project = Static<typeof Project>;

/** The usage of a model that named a chat. */
export const TitleReceipt = Type.Object({
  model: Type.String({ description: 'The model that wrote the title.' }),
  usage: nullable(Usage),
});
export type TitleReceipt = Static<typeof TitleReceipt>;

/** The cost of a chat so far: all of its answers, on every branch, and its title. */
export const ChatCost = Type.Object({
  costUsd: Type.Number({ description: 'US dollars: the sum of what is known.' }),
  estimated: Type.Boolean({ description: 'True when a part of it is an estimate or not known.' }),
});
export type ChatCost = Static<typeof ChatCost>;

/** How the newest answer ended that the user has not seen: with text or with an error. */
export const UnreadAnswer = Type.Union([Type.Literal('answer'), Type.Literal('failure')]);
export type UnreadAnswer = Static<typeof UnreadAnswer>;

/** The chat that another one was copied from, and the message at which the copy ended. */
export const ForkOrigin = Type.Object({ projectId: Id, chatId: Id, messageId: Id, title: Type.String() });
export type ForkOrigin = Static<typeof ForkOrigin>;

/**
 * A tree of messages of which one branch is shown: the one that ends in `activeLeafId`, null before the first message.
 * `title` is '' until the first message names the chat; a model may then replace it, and `titleReceipt` is what that
 * used, null when no model was asked. `model` null leaves the choice to the project. `options` and `timeouts` override
 * those of the project field by field, and are absent where the chat has none. `activeRunId` is the run that is being
 * written, if any.
 * The times say since when the chat is pinned, archived or in the bin. A chat in the bin is in no other list, and keeps
 * the other two times. `forkedFrom` is absent when the chat is no fork, or when the original is deleted or in the bin.
 * `isTemporary` is present in a chat that is only in the server's memory: it is in no list and no search. `cost` is
 * absent while nothing of it is known. With `webSearch`, its answers may use the web.
 */
export const Chat = Type.Object({
  id: Id,
  projectId: Id,
  title: Type.String(),
  titleReceipt: nullable(TitleReceipt),
  model: nullable(Type.String()),
  options: Type.Optional(GenerationOptions),
  timeouts: Type.Optional(Timeouts),
  activeLeafId: nullable(Id),
  activeRunId: nullable(Id),
  pinnedAtMs: nullable(TimestampMs),
  archivedAtMs: nullable(TimestampMs),
  deletedAtMs: nullable(TimestampMs),
  unread: nullable(UnreadAnswer),
  forkedFrom: Type.Optional(ForkOrigin),
  isTemporary: Type.Optional(Type.Literal(true)),
  webSearch: Type.Optional(Type.Boolean({ description: 'Absent for no.' })),
  cost: Type.Optional(ChatCost),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
});
export type Chat = Static<typeof Chat>;

/** A source the model cited, at an http or https address. `title` may be empty; `excerpt` is text of the page, in one line. */
export const Annotation = Type.Object({
  url: Type.String(),
  title: Type.String(),
  excerpt: Type.Optional(Type.String({ description: 'At most 600 characters.' })),
});
export type Annotation = Static<typeof Annotation>;

/**
 * A picture the model made. `url` is the path of its bytes where it is a file of this server; a data URL in answers of
 * older versions, and an https URL where the model named one, which is fetched only by a click.
 */
export const GeneratedImage = Type.Object({
  url: Type.String(),
  fileId: Type.Optional(Id),
  mediaType: Type.Optional(FileReference.properties.mediaType),
  width: Type.Optional(Type.Integer({ minimum: 1, description: 'In pixels.' })),
  height: Type.Optional(Type.Integer({ minimum: 1, description: 'In pixels.' })),
});
export type GeneratedImage = Static<typeof GeneratedImage>;

/** A tool call that the model requested; Rill shows it and runs nothing. `arguments` is the model's raw JSON text. */
export const ToolCall = Type.Object({ id: Type.String(), name: Type.String(), arguments: Type.String() });
export type ToolCall = Static<typeof ToolCall>;

/**
 * The state of an answer: `streaming` while its run is active, then how it ended. `cancelled`, `failed` and
 * `interrupted` keep the text so far.
 */
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
  firstDeltaMs: nullable(
    Type.Number({ minimum: 0, description: 'To the first text, in milliseconds; null when none came.' }),
  ),
  totalMs: nullable(Type.Number({ minimum: 0, description: 'To the end, in milliseconds.' })),
});
export type Timings = Static<typeof Timings>;

/**
 * What the user decided about a message: always in the context, or never; or that its answer replaces everything above
 * it (`summary`, for a message of the user).
 */
export const ContextMark = Type.Union([
  Type.Literal('pinned'),
  Type.Literal('kept-out'),
  Type.Literal('summary'),
]);
export type ContextMark = Static<typeof ContextMark>;

/** Whether the model could use the web: `refused` where its server does not offer that, so that it answered without. */
export const WebUse = Type.Union([Type.Literal('offered'), Type.Literal('refused')]);
export type WebUse = Static<typeof WebUse>;

/**
 * One node of a chat's message tree. A user message is `completed` from the start. `copyOf` is present in a copy: a
 * message of a fork, or an answer that the user edited. Its usage is that of the original, and is counted once. `web`
 * is absent in an answer for which the web was not enabled.
 */
export const Message = Type.Object({
  id: Id,
  chatId: Id,
  parentId: nullable(Id),
  role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]),
  status: MessageStatus,
  content: Type.String(),
  reasoning: Type.String(),
  refusal: nullable(Type.String({ description: 'What the model said when it declined to continue.' })),
  annotations: Type.Array(Annotation),
  images: Type.Array(GeneratedImage),
  toolCalls: Type.Array(ToolCall),
  files: Type.Optional(
    Type.Array(FileReference, { description: 'What the user sent with it; absent for none.' }),
  ),
  runId: nullable(Id),
  model: nullable(Type.String({ description: 'The model that answered; the requested one until known.' })),
  provider: nullable(Type.String()),
  finishReason: nullable(Type.String({ description: "Why the model ended, in the provider's words." })),
  error: nullable(RunError),
  usage: nullable(Usage),
  timings: nullable(Timings),
  copyOf: Type.Optional(Id),
  isEdited: Type.Optional(
    Type.Boolean({ description: 'True for the version of an answer that the user wrote.' }),
  ),
  contextMark: Type.Optional(ContextMark),
  web: Type.Optional(WebUse),
  createdAtMs: TimestampMs,
});
export type Message = Static<typeof Message>;

/**
 * The state of a run: `accepted` (stored), `connecting` (waiting for the provider), `streaming` (text has arrived),
 * then how it ended, in the words of `MessageStatus`. It only moves forward.
 */
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

/** Which messages of the chat the model was given. Token counts are estimates. */
export const ContextReport = Type.Object({
  messageCount: Type.Integer({
    minimum: 0,
    description: 'Messages that were sent, the system prompt aside.',
  }),
  omittedMessageCount: Type.Integer({ minimum: 0, description: 'Older messages that were left out.' }),
  keptOutMessageCount: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Messages that the user keeps out or has summarised; absent for none.',
    }),
  ),
  estimatedTokens: Type.Integer({ minimum: 0, description: 'What was sent, in tokens, estimated.' }),
  contextLengthTokens: nullable(
    Type.Integer({
      minimum: 0,
      description: 'What the model can read and write together; null when not known.',
    }),
  ),
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

/**
 * The request of a run as it was sent: later changes of its chat and project are not in it. Null where it was not
 * stored, as in runs of older versions.
 */
export const RunReceipt = Type.Object({
  model: Type.String(),
  instructions: nullable(Type.String({ description: "The project's; '' for none." })),
  options: nullable(GenerationOptions),
  maxTokens: nullable(Type.Integer({ description: 'Limit of the answer, in tokens.' })),
  sent: nullable(
    Type.Record(Type.String(), Type.Unknown(), {
      description:
        "The fields of the provider's request as they were sent last, without messages and the user's pseudonym.",
    }),
  ),
});
export type RunReceipt = Static<typeof RunReceipt>;
