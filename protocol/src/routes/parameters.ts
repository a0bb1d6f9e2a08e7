/** Defines the parameters of requests: in paths, queries and headers. */
import { Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { nullable } from '../entities/fieldSchemas.ts';

/** The project that a path names. */
export const ProjectParams = Type.Object({ id: Id });
/** The chat that a path names, with its project. */
export const ChatParams = Type.Object({ id: Id, chatId: Id });
/** Names a message with its chat. */
export const MessageParams = Type.Object({ id: Id, chatId: Id, messageId: Id });
/** Which page of a list to return. */
export const PageQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: 200, description: 'Most entries of a page.' }),
  ),
  pageToken: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: '`nextPageToken` of the page before.' }),
  ),
});
/** Where the next page of a list begins. */
export const NextPageToken = nullable(
  Type.String({ description: 'Send as `pageToken` for the next page; null at the end.' }),
);
/** The key of a send. */
export const SendHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
/** The cursor after which a stream continues. */
export const ResumeHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String()) });
/** Whether a stream waits for later events. */
export const FollowQuery = Type.Object({
  follow: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description: '`false` ends the stream with what there is now.',
    }),
  ),
});
/** The same, or the cursor in the query for clients that set no headers. */
export const ResumeQuery = Type.Object({ ...FollowQuery.properties, cursor: Type.Optional(Type.String()) });
/** The headers of a send whose answer is a stream. */
export const SendStreamHeaders = Type.Object({ ...SendHeaders.properties, ...ResumeHeaders.properties });
