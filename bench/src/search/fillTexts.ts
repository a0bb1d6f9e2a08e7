/**
 * Fills a database with messages in six languages, needles among them, none of them indexed, as after a foreign write.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteDatabase } from '../../../backend/src/database/sqlite/sqliteDatabase.ts';
import { languages, seededRandom, Vocabulary } from './searchCorpus.ts';

export const ownerId = 'local';
export const messagesPerChat = 40;
const projectId = 'p';
const firstAtMs = 1_700_000_000_000;
const fewestWords = 20;
const mostWords = 260;

export interface Needle {
  readonly word: string;
  readonly messageId: string;
}

export const messageIdOf = (index: number): string => `m${String(index).padStart(9, '0')}`;
export const chatIdOf = (index: number): string => `c${Math.floor(index / messagesPerChat)}`;

/** Resolves with the needles; each is a word that only one message has. */
export async function fillTexts(
  folder: string,
  messageCount: number,
  needleCount: number,
): Promise<Needle[]> {
  await (await openSqliteDatabase(folder)).close();
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { enableForeignKeyConstraints: false });
  database.exec(`PRAGMA synchronous = OFF; BEGIN;
    INSERT INTO owners VALUES ('${ownerId}', 'Local', 1);
    INSERT INTO projects (id, owner_id, name, created_at_ms, updated_at_ms) VALUES ('${projectId}', '${ownerId}', 'P', 1, 1)`);
  const random = seededRandom(1);
  const vocabularies = languages.map((language) => new Vocabulary(language, random));
  const insertChat = database.prepare(
    'INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertMessage =
    database.prepare(`INSERT INTO messages (id, owner_id, chat_id, parent_id, role, status, content,
    reasoning, created_at_ms) VALUES (?, ?, ?, ?, ?, 'completed', ?, '', ?)`);
  const needles: Needle[] = [];
  const everyNth = Math.floor(messageCount / needleCount);
  for (let index = 0; index < messageCount; index += 1) {
    const [atMs, inChat] = [firstAtMs + index * 1000, index % messagesPerChat];
    const vocabulary = vocabularies[Math.floor(index / messagesPerChat) % vocabularies.length];
    if (!vocabulary) throw new Error('There is no such language.');
    if (inChat === 0) insertChat.run(chatIdOf(index), ownerId, projectId, vocabulary.text(4), atMs, atMs);
    const words = fewestWords + Math.floor(random() * (mostWords - fewestWords));
    let text = vocabulary.text(words);
    if (index % everyNth === 7 && needles.length < needleCount) {
      const word = vocabulary.rareWord();
      needles.push({ word, messageId: messageIdOf(index) });
      text = `${text} ${word} ${vocabulary.text(10)}`;
    }
    const parent = inChat === 0 ? null : messageIdOf(index - 1);
    const role = inChat % 2 === 0 ? 'user' : 'assistant';
    insertMessage.run(messageIdOf(index), ownerId, chatIdOf(index), parent, role, text, atMs);
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return needles;
}
