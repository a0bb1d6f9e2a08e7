/** Defines the parameters of a search, and its results. */
import { type Static, Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { maxQueryCharacters } from '../search/searchTerms.ts';
import { NextPageToken } from './parameters.ts';

/** What to search for. */
export const SearchQuery = Type.Object({
  q: Type.String({
    minLength: 1,
    maxLength: maxQueryCharacters,
    description: 'Words, or parts of them, that a text must all have; what stands in quotes is one.',
  }),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 50, default: 20, description: 'Most messages of a page.' }),
  ),
  pageToken: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: '`nextPageToken` of the page before.' }),
  ),
});

const Mark = Type.Object({
  start: Type.Integer({ minimum: 0, description: 'First UTF-16 unit.' }),
  end: Type.Integer({ minimum: 0, description: 'First UTF-16 unit after it.' }),
});
const TimestampMs = Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' });

/** A chat whose title was found; `marks` says where. */
export const FoundChat = Type.Object({
  projectId: Id,
  chatId: Id,
  title: Type.String(),
  marks: Type.Array(Mark),
  updatedAtMs: TimestampMs,
});
export type FoundChat = Static<typeof FoundChat>;

/**
 * A message that was found, on any branch; `snippet` is the text around the first match, and `marks` are positions in
 * it.
 */
export const FoundMessage = Type.Object({
  projectId: Id,
  chatId: Id,
  chatTitle: Type.String(),
  messageId: Id,
  role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]),
  snippet: Type.String(),
  marks: Type.Array(Mark),
  createdAtMs: TimestampMs,
});
export type FoundMessage = Static<typeof FoundMessage>;

/** The results of a search, newest first. Titles are in the first page only. */
export const SearchResult = Type.Object({
  chats: Type.Array(FoundChat),
  messages: Type.Array(FoundMessage, {
    description: 'May be empty although there is a next page, after a page took long to fill.',
  }),
  nextPageToken: NextPageToken,
  isComplete: Type.Boolean({
    description: 'False while older messages are still being made searchable, after an update of the server.',
  }),
});
export type SearchResult = Static<typeof SearchResult>;
