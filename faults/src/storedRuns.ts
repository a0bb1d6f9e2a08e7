/** Reads the runs of a round directly from the database, without the server. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface StoredRun {
  readonly id: string;
  readonly messageId: string;
  readonly isEnded: boolean;
  readonly isRestarted: boolean;
  readonly lastSeq: number | null;
  readonly generationCount: number;
  readonly seqs: readonly number[];
  readonly terminalCount: number;
}

export class StoredRuns {
  readonly #connection: DatabaseSync;

  constructor(dataDirectory: string) {
    this.#connection = new DatabaseSync(join(dataDirectory, 'rill.sqlite'), {
      readOnly: true,
      timeout: 5000,
    });
  }

  /** Ids of the runs that a send key made. */
  runIdsOfKey(chatId: string, key: string): string[] {
    return this.#column('SELECT run_id FROM send_keys WHERE chat_id = ? AND send_key = ?', chatId, key);
  }

  runIdsOfChat(chatId: string): string[] {
    return this.#column('SELECT id FROM runs WHERE chat_id = ?', chatId);
  }

  /** How many runs of a dead process are still as it left them. */
  countLeft(beforeMs: number): number {
    const sql = `SELECT count(*) AS count FROM runs
      WHERE ended_at_ms IS NULL AND restarted_at_ms IS NULL AND created_at_ms < ?`;
    return Number(this.#connection.prepare(sql).get(beforeMs)?.count);
  }

  messageCount(chatId: string): number {
    const row = this.#connection
      .prepare('SELECT count(*) AS count FROM messages WHERE chat_id = ?')
      .get(chatId);
    return Number(row?.count);
  }

  run(id: string): StoredRun | null {
    const row = this.#connection.prepare('SELECT * FROM runs WHERE id = ?').get(id);
    if (!row) return null;
    const seqs = this.#column('SELECT seq FROM run_events WHERE run_id = ? ORDER BY seq', id).map(Number);
    const terminals = this.#column(
      "SELECT seq FROM run_events WHERE run_id = ? AND type IN ('done', 'error')",
      id,
    );
    return {
      id,
      messageId: String(row.message_id),
      isEnded: row.ended_at_ms !== null,
      isRestarted: row.restarted_at_ms !== null,
      lastSeq: row.last_seq === null ? null : Number(row.last_seq),
      generationCount: this.#column('SELECT id FROM generations WHERE run_id = ?', id).length,
      seqs,
      terminalCount: terminals.length,
    };
  }

  close(): void {
    this.#connection.close();
  }

  #column(sql: string, ...parameters: string[]): string[] {
    return this.#connection
      .prepare(sql)
      .all(...parameters)
      .map((row) => String(Object.values(row)[0]));
  }
}
