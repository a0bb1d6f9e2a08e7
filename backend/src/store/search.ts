/** Finds an owner's chats by title and messages by text. */
import { findTerms, RillError, type SearchResult, searchTerms } from '@rill/protocol';
import type { TextSearch } from '../database/database.ts';

export interface Search {
  readonly ownerId: string;
  readonly query: string;
  readonly limit: number;
  readonly pageToken?: string | undefined;
}

const pageTokenPattern = /^\d{1,16}$/;

/** A query without terms finds nothing. Errors: bad_request for a page token that this server did not issue. */
export async function search(
  { texts }: { readonly texts: TextSearch },
  { ownerId, query, limit, pageToken }: Search,
): Promise<SearchResult> {
  if (pageToken !== undefined && !pageTokenPattern.test(pageToken))
    throw new RillError('bad_request', { message: 'The page token is not valid.' });
  const terms = searchTerms(query);
  if (terms.length === 0) return { chats: [], messages: [], nextPageToken: null, isComplete: true };
  const found = await texts.find({ ownerId, terms, limit, before: pageToken ?? null });
  return {
    chats: found.titles.map((chat) => ({ ...chat, marks: findTerms(chat.title, terms) })),
    messages: found.messages.map((message) => ({ ...message, marks: findTerms(message.snippet, terms) })),
    nextPageToken: found.next,
    isComplete: found.isComplete,
  };
}
