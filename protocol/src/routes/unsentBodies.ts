/** Defines the bodies of unsent text: drafts, and the queue of a chat. */
import { type Static, Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { closed, ModelId, NotBlank, nullable } from '../entities/fieldSchemas.ts';
import { maxFilesOfMessage } from '../entities/fileLimits.ts';
import { FileIds, FileReference } from '../entities/fileReference.ts';
import { maxContentCharacters } from '../entities/message.ts';

/** Most messages that wait in one chat. */
export const maxQueuedMessages = 50;
/** Most characters that the messages of one queue have together. */
export const maxQueuedCharacters = 4_000_000;

/** Names who wrote a draft, so that a writer never conflicts with itself. */
const Writer = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$' });

/**
 * The draft in the composer of a chat. `revision` grows with every change and is 0 before the first one. `otherContent`
 * was written elsewhere at the same time and replaced by `content`: it is kept until it is discarded.
 */
export const Draft = Type.Object({
  content: Type.String(),
  otherContent: Type.String({ description: 'Empty when nothing was replaced.' }),
  revision: Type.Integer({ minimum: 0 }),
  writer: nullable(Type.String({ description: 'Who wrote `content`; null before the first write.' })),
  files: Type.Optional(
    Type.Array(FileReference, { description: 'What is to be sent with it; absent for none.' }),
  ),
});
export type Draft = Static<typeof Draft>;

/**
 * A draft to store. `baseRevision` is the revision that its writer knew. If another writer has stored a newer one, the
 * later edit becomes `content` and the other text `otherContent`.
 */
export const PutDraft = Type.Object(
  {
    content: Type.String({ maxLength: maxContentCharacters }),
    baseRevision: Type.Integer({ minimum: 0 }),
    writer: Writer,
    editedAgoMs: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Since the last edit, in milliseconds. Default 0.' }),
    ),
    fileIds: Type.Optional(
      Type.Array(Id, {
        maxItems: maxFilesOfMessage,
        description: 'Files to send with it; those that do not exist are left out. Absent: as they were.',
      }),
    ),
    discardsOther: Type.Optional(Type.Boolean({ description: 'Forgets `otherContent`.' })),
  },
  closed,
);
export type PutDraft = Static<typeof PutDraft>;

/** A message that waits until the answer before it is complete. */
export const QueuedMessage = Type.Object({
  id: Id,
  key: Type.String({ description: 'The idempotency key under which it was added and will be sent.' }),
  content: Type.String(),
  model: nullable(Type.String()),
  files: Type.Optional(Type.Array(FileReference, { description: 'Absent for none.' })),
  createdAtMs: Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' }),
});
export type QueuedMessage = Static<typeof QueuedMessage>;

/** Why a queue waits for the user: how the answer before it ended, or that its first message was refused. */
export const QueuePauseReason = Type.Union([
  Type.Literal('cancelled'),
  Type.Literal('failed'),
  Type.Literal('interrupted'),
  Type.Literal('refused'),
]);
export type QueuePauseReason = Static<typeof QueuePauseReason>;

/**
 * The messages that wait in a chat, first message first. The server sends the first one when an answer is complete.
 * While `pausedBy` is set it sends none. `revision` grows with every change.
 */
export const ChatQueue = Type.Object({
  messages: Type.Array(QueuedMessage),
  pausedBy: nullable(QueuePauseReason),
  problem: nullable(Type.String({ description: 'One sentence on why the first message was refused.' })),
  revision: Type.Integer({ minimum: 0 }),
});
export type ChatQueue = Static<typeof ChatQueue>;

/** A message for the end of a queue. `content` may be absent where there are files. */
export const AddToQueue = Type.Object(
  {
    content: Type.Optional(NotBlank(maxContentCharacters)),
    model: Type.Optional(ModelId),
    fileIds: Type.Optional(FileIds),
  },
  closed,
);
export type AddToQueue = Static<typeof AddToQueue>;

/** The changes to a queued message, at least one; `position` counts from 0. */
export const UpdateQueued = Type.Object(
  {
    content: Type.Optional(NotBlank(maxContentCharacters)),
    position: Type.Optional(Type.Integer({ minimum: 0, maximum: maxQueuedMessages - 1 })),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateQueued = Static<typeof UpdateQueued>;
