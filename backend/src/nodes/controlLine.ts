/**
 * Keeps the one connection on which a node renews its lease and looks at the others, and makes another one when it
 * breaks. It is used by one caller at a time.
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

  /** The database forgets what a connection held, such as a lock, when it ends. */
  get isOpen(): boolean {
    return this.#connection !== null;
  }

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const connection = await this.#connect();
    const { rows } = await connection.query(text, [...values]);
    return rows as Row[];
  }

  /** Ends the connection; the next query makes another one. */
  drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    // It is broken: ending it only frees its socket.
    void connection?.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    // A connection that is broken is closed already.
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
