/**
 * Holds the one connection on which a node renews its lease and checks the others, and replaces it when it breaks. Only
 * one caller uses it at a time.
 */
import type { ControlQueries } from './nodeRows.ts';

/** The part of a `pg` connection that is used. */
export interface ControlConnection {
  query(text: string, values: unknown[]): Promise<{ readonly rows: unknown[] }>;
  on(event: 'end', listener: () => void): unknown;
  end(): Promise<void>;
}

export class ControlLine implements ControlQueries {
  readonly #open: () => Promise<ControlConnection>;
  readonly #onLost: () => void;
  #connection: ControlConnection | null = null;

  /** `onLost` is called when the connection ends by itself. */
  constructor(open: () => Promise<ControlConnection>, onLost: () => void) {
    this.#open = open;
    this.#onLost = onLost;
  }

  /** A closed connection has also lost its locks. */
  get isOpen(): boolean {
    return this.#connection !== null;
  }

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const connection = await this.#connect();
    const { rows } = await connection.query(text, [...values]);
    return rows as Row[];
  }

  /** Ends the connection; the next query opens another one. */
  drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    // The connection is broken: `end` only frees its socket.
    void connection?.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    // A broken connection is already closed.
    await connection?.end().catch(() => undefined);
  }

  async #connect(): Promise<ControlConnection> {
    if (this.#connection) return this.#connection;
    const connection = await this.#open();
    connection.on('end', () => {
      if (this.#connection !== connection) return;
      this.#connection = null;
      this.#onLost();
    });
    this.#connection = connection;
    return connection;
  }
}
