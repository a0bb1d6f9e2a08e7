/**
 * Opens connections that keep seeing the current state of the database. The write-ahead log grows with later writes
 * until the last of them is closed.
 */
import type { DatabaseSync } from 'node:sqlite';

export class Snapshots {
  readonly #openConnection: () => DatabaseSync;
  readonly #open = new Set<DatabaseSync>();

  constructor(openConnection: () => DatabaseSync) {
    this.#openConnection = openConnection;
  }

  /** Errors: those of the work, and of its queries after `close` was called. */
  async read<Result>(work: (connection: DatabaseSync) => Promise<Result>): Promise<Result> {
    const connection = this.#openConnection();
    this.#open.add(connection);
    try {
      connection.exec('PRAGMA query_only = ON; BEGIN');
      // The first read fixes the state that is seen.
      connection.prepare('SELECT count(*) FROM sqlite_schema').get();
      return await work(connection);
    } finally {
      this.#close(connection);
    }
  }

  close(): void {
    for (const connection of this.#open) this.#close(connection);
  }

  #close(connection: DatabaseSync): void {
    if (this.#open.delete(connection)) connection.close();
  }
}
