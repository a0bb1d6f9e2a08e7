/**
 * Defines FeedEvent, the one union of changes to a user's projects and chats, as `GET /api/events` sends them. An event
 * describes what is already committed and holds no message text. Losing one costs only time, because the client reads
 * the lists again.
 */
import { type Static, Type } from 'typebox';
import { Chat, Id, Project, Run, Usage } from '../entities/entities.ts';
import { eventSchema } from '../entities/fieldSchemas.ts';

/**
 * The first event of every connection, repeated where a reader fell too far behind. `isWhole` false: changes may have
 * been missed, so the client reads again what it shows. What is read after this event is never older than the feed.
 */
export const FeedStartData = Type.Object({
  isWhole: Type.Boolean({ description: 'True when nothing was missed since the cursor that was given.' }),
  pageBuild: Type.Optional(
    Type.String({ description: 'Names the page that the server has now; absent when it has none.' }),
  ),
});
/** A run began or ended; its state tells which. */
export const RunChangeData = Type.Object({ run: Run });
/** A chat was created or renamed, got another model, shows another branch, or its active run began or ended. */
export const ChatChangeData = Type.Object({ chat: Chat });
/** A chat was deleted, with its messages and runs. */
export const ChatDeleteData = Type.Object({ projectId: Id, chatId: Id });
/** A project was created or changed. */
export const ProjectChangeData = Type.Object({ project: Project });
/** A project was deleted, with its chats. */
export const ProjectDeleteData = Type.Object({ projectId: Id });
/** The usage of an answer that has ended was corrected. */
export const MessageChangeData = Type.Object({
  projectId: Id,
  chatId: Id,
  messageId: Id,
  usage: Type.Union([Usage, Type.Null()]),
});
/** A draft changed; `chatId` is null for that of the project's next new chat. */
export const DraftChangeData = Type.Object({
  projectId: Id,
  chatId: Type.Union([Id, Type.Null()]),
  revision: Type.Integer({ minimum: 0 }),
  writer: Type.String(),
});
/** The queue of a chat changed, was paused or was resumed. */
export const QueueChangeData = Type.Object({
  projectId: Id,
  chatId: Id,
  revision: Type.Integer({ minimum: 0 }),
});
/** The models that can be used changed: another key of the provider is in use. */
export const ModelsChangeData = Type.Object({
  isDemo: Type.Boolean({ description: 'True when the built-in demo answers now.' }),
});
/** Messages of a chat were edited, marked, deleted or restored, on the shown branch or another. */
export const MessagesChangeData = Type.Object({ projectId: Id, chatId: Id });

/**
 * One change: `type` names it, `data` is what the wire carries. Order: that of the commits.
 * A client ignores a type that it does not know. Source: PROTOCOL.md "The feed", with an example of each.
 */
export const FeedEvent = Type.Union([
  eventSchema('feed-start', FeedStartData),
  eventSchema('run-change', RunChangeData),
  eventSchema('chat-change', ChatChangeData),
  eventSchema('chat-delete', ChatDeleteData),
  eventSchema('project-change', ProjectChangeData),
  eventSchema('project-delete', ProjectDeleteData),
  eventSchema('message-change', MessageChangeData),
  eventSchema('draft-change', DraftChangeData),
  eventSchema('queue-change', QueueChangeData),
  eventSchema('messages-change', MessagesChangeData),
  eventSchema('models-change', ModelsChangeData),
]);
export type FeedEvent = Static<typeof FeedEvent>;
/** The `event` field of a frame of the feed. */
export type FeedEventType = FeedEvent['type'];
