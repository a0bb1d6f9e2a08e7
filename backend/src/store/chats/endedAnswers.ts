/** Marks in a chat that one of its answers has ended. */
import type { Chat, UnreadAnswer, Usage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import { type CostChange, changedSums, costChange } from './chatCosts.ts';
import { activeRunId, type ChatKey, findChatOrBinned, toChat } from './chats.ts';

export interface EndedAnswer {
  /** What the user has not seen; null if the user knows that the answer has ended. */
  readonly unread: UnreadAnswer | null;
  readonly usage: Usage | null;
}

const noteById = prepareQuery(
  (
    db,
    {
      ownerId,
      chatId,
      costUsd,
      uncertain,
      ...unread
    }: Slots<
      CostChange & { readonly ownerId: string; readonly chatId: string; readonly unread?: UnreadAnswer }
    >,
  ) =>
    db
      .updateTable('chats')
      .set((builder) => ({ ...changedSums({ costUsd, uncertain })(builder), ...unread }))
      .where('id', '=', chatId)
      .where('owner_id', '=', ownerId)
      .returningAll()
      .returning(activeRunId),
);

/** Adds the cost of the answer and marks it unread. Returns the chat, even from the bin; null if it is deleted. */
export async function noteEndedAnswer(
  db: Queryable,
  key: ChatKey,
  { unread, usage }: EndedAnswer,
): Promise<Chat | null> {
  const { ownerId, chatId } = key;
  const row = await noteById.first(db, {
    ownerId,
    chatId,
    ...costChange(null, usage),
    ...(unread !== null && { unread }),
  });
  if (!row) return null;
  return row.forked_from_chat_id === null ? toChat(row) : findChatOrBinned(db, key);
}
