/**
 * Yields the lines of one chat: the chat, its messages on all branches including deleted ones, its runs, drafts and
 * queue. An answer in progress is left out with its run, so that a restored chat has no running answer.
 */
import type { Queryable } from '../database/database.ts';
import { type Row, toLine } from './archiveRecord.ts';
import { manyRowsWhere, rowsWhere } from './archiveRows.ts';
import { chatParts } from './archiveTables.ts';

/** What was written so far. */
export interface ChatTally {
  chats: number;
  messages: number;
  runningAnswers: number;
}

/** No line when the chat is gone. */
export async function* chatLines(db: Queryable, chatId: string, tally: ChatTally): AsyncGenerator<string> {
  const { chats, messages, runs, generations, drafts, queues, queued, importedChats } = chatParts;
  const [chat] = await rowsWhere(db, chats, 'id', chatId);
  if (!chat) return;
  tally.chats += 1;
  yield toLine(chats, { ...chat, active_leaf_id: await findEndedLeaf(db, chat) });
  const leftOut = new Set<unknown>();
  for await (const row of manyRowsWhere(db, messages, 'chat_id', chatId)) {
    if (row.status === 'streaming' || leftOut.has(row.parent_id)) {
      leftOut.add(row.id);
      continue;
    }
    tally.messages += 1;
    yield toLine(messages, row);
  }
  tally.runningAnswers += leftOut.size;
  for await (const row of manyRowsWhere(db, runs, 'chat_id', chatId)) {
    if (row.ended_at_ms === null || leftOut.has(row.message_id)) continue;
    yield toLine(runs, row);
    for (const call of await rowsWhere(db, generations, 'run_id', String(row.id)))
      yield toLine(generations, call);
  }
  for (const row of await rowsWhere(db, drafts, 'chat_id', chatId)) yield toLine(drafts, row);
  const waiting = await rowsWhere(db, queued, 'chat_id', chatId);
  for (const row of await rowsWhere(db, queues, 'chat_id', chatId))
    yield toLine(queues, waiting.length > 0 ? { ...row, paused_by: row.paused_by ?? 'interrupted' } : row);
  for (const row of waiting) yield toLine(queued, row);
  for (const row of await rowsWhere(db, importedChats, 'chat_id', chatId)) yield toLine(importedChats, row);
}

/** The end of the shown branch, without an answer in progress. */
async function findEndedLeaf(db: Queryable, chat: Row): Promise<unknown> {
  const leaf = await db
    .selectFrom('messages')
    .select(['parent_id', 'status'])
    .where('id', '=', String(chat.active_leaf_id))
    .executeTakeFirst();
  return leaf?.status === 'streaming' ? leaf.parent_id : chat.active_leaf_id;
}
