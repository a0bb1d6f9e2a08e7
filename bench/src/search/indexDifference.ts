/** Compares the index of a database with a new one made from its messages. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toIndexText } from '../../../backend/src/database/texts/trigrams.ts';

/** Describes a difference in one sentence; null when there is none. The server must not run. */
export function findDifference(folder: string): string | null {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'));
  try {
    database.exec(`INSERT INTO search_index (search_index) VALUES ('integrity-check');
      CREATE VIRTUAL TABLE temp.fresh_index USING fts5(text, tokenize = 'trigram case_sensitive 1',
        content = '', contentless_delete = 1, detail = none);
      CREATE VIRTUAL TABLE temp.kept_trigrams USING fts5vocab('main', 'search_index', 'row');
      CREATE VIRTUAL TABLE temp.fresh_trigrams USING fts5vocab('temp', 'fresh_index', 'row'); BEGIN`);
    const insert = database.prepare('INSERT INTO temp.fresh_index (rowid, text) VALUES (?, ?)');
    const texts = database
      .prepare(
        `SELECT texts.id, content FROM messages LEFT JOIN search_texts AS texts ON texts.message_id = messages.id
         WHERE octet_length(content) BETWEEN 1 AND 50000`,
      )
      .iterate();
    for (const { id, content } of texts) {
      if (id === null) return 'A message is missing.';
      insert.run(id as number, toIndexText(content as string));
    }
    const counts = [
      ['texts', 'SELECT id FROM search_index_docsize', 'SELECT id FROM temp.fresh_index_docsize'],
      ['trigrams', 'SELECT term, doc FROM kept_trigrams', 'SELECT term, doc FROM fresh_trigrams'],
    ] as const;
    for (const [what, kept, fresh] of counts)
      for (const [left, right] of [
        [kept, fresh],
        [fresh, kept],
      ]) {
        const row = database.prepare(`SELECT count(*) AS count FROM (${left} EXCEPT ${right})`).get();
        if (row?.count !== 0) return `${row?.count} ${what} differ.`;
      }
    return null;
  } finally {
    database.close();
  }
}
