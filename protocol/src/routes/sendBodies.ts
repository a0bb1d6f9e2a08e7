/** Defines the bodies of sends and cancels, and of their responses. */
import { type Static, Type } from 'typebox';
import { ContextMark, Id, Message, Timeouts, Usage } from '../entities/entities.ts';
import { closed, ModelId, NotBlank, nullable } from '../entities/fieldSchemas.ts';
import { FileIds } from '../entities/fileReference.ts';
import { GenerationOptions } from '../entities/generationOptions.ts';
import { maxContentCharacters } from '../entities/message.ts';

/**
 * A message to answer. `content` is required unless `fileIds` names uploaded files, `regenerateOf` names an assistant
 * message to answer again, or `continueOf` names one that was cut short and is to be continued. `parentId` null starts
 * a new branch at the root; absent, the branch that is shown is continued.
 */
export const SendMessage = Type.Object(
  {
    content: Type.Optional(NotBlank(maxContentCharacters)),
    fileIds: Type.Optional(FileIds),
    model: Type.Optional(ModelId),
    parentId: Type.Optional(nullable(Id)),
    regenerateOf: Type.Optional(Id),
    continueOf: Type.Optional(Id),
    contextMark: Type.Optional(ContextMark),
    createChat: Type.Optional(
      Type.Boolean({
        description:
          'Makes the chat with the message where there is none yet; its id is then a UUIDv7 that the client made.',
      }),
    ),
    newChat: Type.Optional(
      Type.Object(
        { options: Type.Optional(GenerationOptions), timeouts: Type.Optional(Timeouts) },
        { ...closed, description: 'What the chat that `createChat` makes begins with.' },
      ),
    ),
    clientMessageId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    options: Type.Optional(GenerationOptions),
    webSearch: Type.Optional(
      Type.Boolean({ description: 'Whether the answers of the chat may use the web, from this one on.' }),
    ),
    ifActive: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('interrupt')], {
        description:
          'While an answer is being written in the chat: refuse (the default), or cancel that answer first.',
      }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Limit of the whole run, in milliseconds.' }),
    ),
  },
  closed,
);
export type SendMessage = Static<typeof SendMessage>;

/**
 * The response of the non-streaming send: the final message, and its usage once more, null when nothing is known of it.
 */
export const SendResult = Type.Object({ message: Message, usage: nullable(Usage) });
export type SendResult = Static<typeof SendResult>;

/** Which run to cancel; without `runId` the chat's active one. Errors: no_active_run; not_found for a run of another chat. */
export const CancelRun = Type.Object({ runId: Type.Optional(Id) }, closed);
/**
 * Body of 200 (the run has ended: `message` is final) and of 202 (the cancel is recorded, the end is still to come:
 * `cancelled` is false and `message` null). Source: PROTOCOL.md "Cancel".
 */
export const CancelResult = Type.Object({
  cancelled: Type.Boolean({ description: 'False when the run ended otherwise, or is still ending (202).' }),
  runId: Id,
  message: nullable(Message),
});
export type CancelResult = Static<typeof CancelResult>;
