/** Writes a chat with all its branches as one JSON text: the rows that an archive has of it, in the same form. */
import type { Queryable } from '../database/database.ts';
import { archiveVersion } from './archiveLayout.ts';
import { chatLines } from './chatLines.ts';

export async function* chatJson(db: Queryable, chatId: string): AsyncGenerator<Buffer> {
  yield Buffer.from(`{"format":"rill-chat","version":${archiveVersion},"rows":[`);
  let separator = '\n';
  for await (const line of chatLines(db, chatId, { chats: 0, messages: 0, runningAnswers: 0 })) {
    yield Buffer.from(separator + line);
    separator = ',\n';
  }
  yield Buffer.from('\n]}\n');
}
