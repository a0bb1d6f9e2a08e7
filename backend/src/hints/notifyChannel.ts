/**
 * Carries hints with LISTEN and NOTIFY of Postgres, on a dedicated connection that never opens a transaction. NOTIFY is
 * never part of another commit, because such commits queue behind each other on the whole server.
 */
import type { Clock } from '../clock.ts';
import type { ChannelMessage, ChannelOptions, HintChannel, OpenChannel } from './hintChannel.ts';

/** The part of a `pg` connection that is used. */
export interface ListenConnection {
  query(text: string, values?: unknown[]): Promise<unknown>;
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  end(): Promise<void>;
}

export interface NotifyOptions {
  readonly connect: () => Promise<ListenConnection>;
  readonly clock: Clock;
}

const reconnectMs = 1000;

/** Each process start has one channel; its name fits into Postgres's 63 bytes. */
const channelOf = (bootId: string): string => `rill_${bootId}`.slice(0, 63);

export const openNotifyChannel =
  (options: NotifyOptions): OpenChannel =>
  (channel) =>
    new NotifyChannel({ ...options, ...channel });

class NotifyChannel implements HintChannel {
  readonly #options: NotifyOptions & ChannelOptions;
  #connection: ListenConnection | null = null;
  #connecting: Promise<void>;
  #cancelTimer: (() => void) | undefined;
  #isReported = false;
  #isClosed = false;

  constructor(options: NotifyOptions & ChannelOptions) {
    this.#options = options;
    this.#connecting = this.#connect();
  }

  async send(messages: readonly ChannelMessage[]): Promise<void> {
    const channels = messages.map(({ bootId }) => channelOf(bootId));
    const texts = messages.map(({ text }) => text);
    await this.#connection?.query(
      'SELECT pg_notify(channel, text) FROM unnest($1::text[], $2::text[]) AS messages(channel, text)',
      [channels, texts],
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#connecting;
    const connection = this.#connection;
    this.#connection = null;
    // A broken connection is already closed.
    await connection?.end().catch(() => undefined);
  }

  /** Never rejects. */
  async #connect(): Promise<void> {
    try {
      const connection = await this.#options.connect();
      this.#connection = connection;
      connection.on('error', (error) => this.#lose(connection, error));
      connection.on('end', () => this.#lose(connection, new Error('The connection has ended.')));
      connection.on('notification', ({ payload }) => this.#options.onText(payload ?? ''));
      await listen(connection, this.#options.bootId).catch((error: Error) => this.#lose(connection, error));
      if (this.#connection === connection) this.#isReported = false;
    } catch (error) {
      this.#report(error);
      this.#connectLater();
    }
  }

  #lose(connection: ListenConnection, error: Error): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#report(error);
    // The connection is broken: `end` only frees its socket.
    void connection.end().catch(() => undefined);
    this.#connectLater();
  }

  /** Once until it is connected again. */
  #report(error: unknown): void {
    if (this.#isClosed || this.#isReported) return;
    this.#isReported = true;
    this.#options.logger.warn({ err: error }, 'the connection for hints was lost; connecting again');
  }

  #connectLater(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.schedule(reconnectMs, () => {
      this.#connecting = this.#connect();
    });
  }
}

async function listen(connection: ListenConnection, bootId: string): Promise<void> {
  // A hint lost in a crash costs nothing, and this way a notifying commit holds its lock only briefly.
  await connection.query('SET synchronous_commit = off');
  await connection.query(`LISTEN "${channelOf(bootId)}"`);
}
