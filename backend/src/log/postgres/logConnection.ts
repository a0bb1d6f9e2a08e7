/**
 * Holds one connection of the event log: opened when first needed, and again after it was lost. Statements sent in one
 * turn of the event loop share a round trip, and each is prepared once.
 */
import type pg from 'pg';
import { ConnectionLost, isConnectionError, sqlStateOf } from '../../database/postgres/postgresFailures.ts';

export type Connect = () => Promise<pg.Client>;

/** The effect of a failed statement on what it was to write. */
export type LogFailure = 'in-doubt' | 'not-now' | 'refused';

/** There was no connection, so nothing was sent. */
export class NotConnected extends Error {}

/** Conflicts, timeouts, statements that are no longer prepared; then classes: resources, the system, the server. */
const passingStates: readonly string[] = ['40001', '40P01', '55P03', '55006', '57014', '26000'];
const passingClasses: readonly string[] = ['53', '58', 'XX'];

export function logFailureOf(error: unknown): LogFailure {
  if (error instanceof NotConnected) return 'not-now';
  const state = sqlStateOf(error);
  if (state === null || isConnectionError(error)) return 'in-doubt';
  return passingStates.includes(state) || passingClasses.includes(state.slice(0, 2)) ? 'not-now' : 'refused';
}

export class LogConnection {
  readonly #connect: Connect;
  #client: Promise<pg.Client> | null = null;
  #openedCount = 0;
  #isClosed = false;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Resolves with the number of this connection, once it is open. Errors: NotConnected. */
  async open(): Promise<number> {
    await this.#get();
    return this.#openedCount;
  }

  /** Errors: NotConnected; the server's; ConnectionLost, and then the statement may have been executed. */
  async query<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly (string | number)[],
  ): Promise<Row[]> {
    const client = await this.#get();
    try {
      const { rows } = await client.query<Row>({ name, text, values: [...values] });
      return rows;
    } catch (error) {
      // A statement that the server has lost is prepared again only on another connection.
      if (logFailureOf(error) === 'in-doubt' || sqlStateOf(error) === '26000') this.#drop(client);
      throw sqlStateOf(error) === null ? new ConnectionLost(error) : error;
    }
  }

  /** Ends the connection once all responses have arrived. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // A connection that failed to open or to end is already closed.
    const client = await this.#client?.catch(() => null);
    await client?.end().catch(() => undefined);
  }

  async #get(): Promise<pg.Client> {
    if (this.#isClosed) throw new NotConnected('The log is closed.');
    this.#client ??= this.#open();
    try {
      return await this.#client;
    } catch (error) {
      throw new NotConnected('The database of the event log cannot be reached.', { cause: error });
    }
  }

  #open(): Promise<pg.Client> {
    const opening = this.#connect().then((client) => {
      this.#openedCount += 1;
      client.on('error', () => this.#drop(client));
      client.on('end', () => this.#forget(opening));
      return client;
    });
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  #forget(opening: Promise<pg.Client>): void {
    if (this.#client === opening) this.#client = null;
  }

  #drop(client: pg.Client): void {
    const current = this.#client;
    void current?.then(
      (kept) => kept === client && this.#forget(current),
      () => undefined,
    );
    // The connection is broken: `end` only frees its socket.
    void client.end().catch(() => undefined);
  }
}
