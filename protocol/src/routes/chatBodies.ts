/** Defines the bodies of requests about chats, and of a chat as it is shown. */
import { type Static, Type } from 'typebox';
import { Chat, Id, Message, Run, Timeouts, Usage } from '../entities/entities.ts';
import { closed, ModelId, NotBlank, nullable } from '../entities/fieldSchemas.ts';
import { GenerationOptions } from '../entities/generationOptions.ts';

/** The form of an id that a client makes: a UUIDv7. */
export const madeIdPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

/**
 * A chat to create. With its `id`, a request whose response was lost can be repeated: it then returns the existing
 * chat. Without a title the first message gives one; without a model that of the project is used.
 */
export const CreateChat = Type.Object(
  {
    id: Type.Optional(Type.String({ pattern: madeIdPattern, description: 'A UUIDv7 that the client made.' })),
    title: Type.Optional(NotBlank(200)),
    model: Type.Optional(nullable(ModelId)),
    options: Type.Optional(nullable(GenerationOptions)),
    timeouts: Type.Optional(nullable(Timeouts)),
    webSearch: Type.Optional(Type.Boolean({ description: 'Whether its answers may use the web.' })),
    isTemporary: Type.Optional(
      Type.Boolean({ description: "Makes a chat that is only in the server's memory, until it is kept." }),
    ),
  },
  closed,
);
export type CreateChat = Static<typeof CreateChat>;
/**
 * The fields of a chat to change, at least one. `options` and `timeouts` replace those it has. `activeLeafId` takes any
 * message: the branch through it is shown, down to the leaf below it that was shown last.
 * Errors: not_found for a message of another chat, or a deleted one.
 */
export const UpdateChat = Type.Object(
  {
    title: Type.Optional(NotBlank(200)),
    model: Type.Optional(nullable(ModelId)),
    options: Type.Optional(nullable(GenerationOptions)),
    timeouts: Type.Optional(nullable(Timeouts)),
    webSearch: Type.Optional(Type.Boolean({ description: 'Whether its answers may use the web.' })),
    activeLeafId: Type.Optional(Id),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateChat = Static<typeof UpdateChat>;

/** A message that was deleted, with everything below it, and can be restored. */
export const DeletedMessage = Type.Object({
  messageId: Id,
  role: Message.properties.role,
  excerpt: Type.String({ description: 'How its text begins.' }),
  messageCount: Type.Integer({ minimum: 1, description: 'Messages that restoring it brings back.' }),
  deletedAtMs: Message.properties.createdAtMs,
});
export type DeletedMessage = Static<typeof DeletedMessage>;

/** A chat with the branch of messages that is shown, root first. */
export const ChatDetail = Type.Object({
  chat: Chat,
  messages: Type.Array(Message),
  siblings: Type.Record(Type.String(), Type.Array(Id), {
    description: 'For each message of the branch that has alternatives: all of them, oldest first.',
  }),
  otherUsages: Type.Optional(
    Type.Record(Type.String(), Usage, {
      description: 'What the answers on the other branches used, by the id of their message.',
    }),
  ),
  deletedMessages: Type.Optional(
    Type.Array(DeletedMessage, { description: 'What can be restored, last deleted first.' }),
  ),
  activeRun: nullable(Run),
});
export type ChatDetail = Static<typeof ChatDetail>;
