/** Defines the bodies of requests about many chats at once: pin, archive, delete, restore, and the bin. */
import { type Static, Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { closed } from '../entities/fieldSchemas.ts';
import { PageQuery } from './parameters.ts';

/** Most chats that one request can change. */
export const maxChatsAtOnce = 5000;

const ChatIds = Type.Array(Id, { minItems: 1, maxItems: maxChatsAtOnce });

/** Why a chat is in a list besides that of its project. */
export const ChatMark = Type.Union([
  Type.Literal('pinned'),
  Type.Literal('archived'),
  Type.Literal('deleted'),
]);
export type ChatMark = Static<typeof ChatMark>;
/** Which of these lists to return, and which page of it. */
export const MarkedChatsQuery = Type.Object({ ...PageQuery.properties, mark: ChatMark });

/** Chats of any project, by their ids. Those that do not exist are left out. */
export const ManyChats = Type.Object({ chatIds: ChatIds }, closed);
export type ManyChats = Static<typeof ManyChats>;
/**
 * Chats, and the change to all of them. `projectId` moves them: their next answers follow that project's instructions.
 * Errors: not_found for a project that does not exist.
 */
export const UpdateChats = Type.Object(
  {
    chatIds: ChatIds,
    isPinned: Type.Optional(Type.Boolean()),
    isArchived: Type.Optional(Type.Boolean()),
    isRead: Type.Optional(Type.Literal(true, { description: 'The user has seen the newest answer.' })),
    projectId: Type.Optional(Id),
  },
  { ...closed, minProperties: 2 },
);
export type UpdateChats = Static<typeof UpdateChats>;
/** Which chats were changed, in the order of their ids. */
export const ChangedChats = Type.Object({ chatIds: Type.Array(Id) });
export type ChangedChats = Static<typeof ChangedChats>;

/**
 * Which chats of the bin to delete permanently; all of them when none is named. `count` is their number: if it differs,
 * nothing is deleted.
 */
export const EmptyBin = Type.Object(
  { chatIds: Type.Optional(ChatIds), count: Type.Integer({ minimum: 1 }) },
  closed,
);
export type EmptyBin = Static<typeof EmptyBin>;
