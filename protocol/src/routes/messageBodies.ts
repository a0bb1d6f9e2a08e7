/** Defines the bodies of requests that change the messages of a chat without asking a model: edit, fork, delete, restore. */
import { type Static, Type } from 'typebox';
import { Chat, Id } from '../entities/entities.ts';
import { closed, NotBlank } from '../entities/fieldSchemas.ts';
import { maxContentCharacters } from '../entities/message.ts';
import { madeIdPattern } from './chatBodies.ts';

/**
 * The user's version of an answer. `throughId` names the last part of an answer that was continued: the new version
 * then replaces all parts from the named message on.
 */
export const EditMessage = Type.Object(
  { content: NotBlank(maxContentCharacters), throughId: Type.Optional(Id) },
  closed,
);
export type EditMessage = Static<typeof EditMessage>;

/** The message up to which a chat is copied: absent, the whole branch that is shown. `id` is that of the new chat. */
export const ForkChat = Type.Object(
  {
    messageId: Type.Optional(Id),
    id: Type.Optional(Type.String({ pattern: madeIdPattern, description: 'A UUIDv7 that the client made.' })),
  },
  closed,
);
export type ForkChat = Static<typeof ForkChat>;

/** The chat after messages were deleted or restored, and their number. */
export const MessagesChanged = Type.Object({
  chat: Chat,
  messageCount: Type.Integer({ minimum: 1, description: 'The named message and all below it.' }),
});
export type MessagesChanged = Static<typeof MessagesChanged>;
