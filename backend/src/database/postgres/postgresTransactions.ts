/**
 * Runs transactions on the pool of writing connections: begins, commits or rolls back, and runs the work again after a
 * lost conflict. Statements sent in one turn of the event loop share a round trip.
 */
import type pg from 'pg';
import { type Clock, pause } from '../../clock.ts';
import type {
  AfterCommit,
  Durability,
  LaterOutcome,
  TransactionWork,
  WriteTransaction,
} from '../database.ts';
import { indexPlans, toFailure } from './postgresClients.ts';
import {
  type Backend,
  CommitUnknown,
  ConnectionLost,
  canBeRetried,
  failureOf,
  isConnectionError,
  isServerError,
  RolledBack,
  sqlStateOf,
} from './postgresFailures.ts';
import { type Send, type StatementNames, toQueryable } from './postgresQueries.ts';
import { limitsOf } from './postgresSettings.ts';

/**
 * Makes the last writes of a transaction. `afterCommit` is the one passed to its work. All statements are sent before
 * any is awaited, because the COMMIT shares their round trip.
 */
export type LastWrite = (transaction: WriteTransaction, afterCommit: AfterCommit) => Promise<void>;

export interface TransactionOptions {
  readonly pool: pg.Pool;
  /** Null where statements must not be named. */
  readonly names: StatementNames | null;
  /** True where each transaction must set its own limits, and waits for the response to its BEGIN. */
  readonly isPooled: boolean;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How long work is retried, and the longest pause before a retry, in milliseconds. */
const retryLimitMs = 5000;
const firstPauseMs = 20;
const longestPauseMs = 500;
/** SQLSTATE of every statement after a failed one. */
const abortedState = '25P02';

/** How a transaction ends once its work is done. */
interface Ending {
  readonly durability: Durability;
  readonly writeLast: () => Promise<void> | undefined;
}

/** Terminates a session of this process; returns a row for as long as the session exists. */
const endBackendSql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid = $1 AND application_name = $2`;

/** How to find out whether a commit succeeded. */
interface DoubtOptions<Result> {
  readonly wasCommitted: () => Promise<boolean>;
  readonly later: LaterOutcome<Result> | undefined;
}

/** Completed work, and whether its commit is in doubt. */
interface Attempt<Result> {
  readonly result: Result;
  readonly callbacks: readonly (() => void)[];
  readonly doubt: CommitUnknown | null;
}

/** The transaction object of a connection, reused for all its transactions in turn. */
class Session {
  readonly transaction: WriteTransaction;
  readonly #client: pg.PoolClient;
  /** Statements that the work has sent; it may not have awaited all of them. */
  readonly #sent: Promise<unknown>[] = [];
  #firstFailure: unknown = null;
  /** `last`: the COMMIT follows without a wait; `over`: it is sent. */
  #stage: 'work' | 'last' | 'over' = 'work';

  constructor(client: pg.PoolClient, names: StatementNames | null) {
    this.#client = client;
    const send: Send = (statement) => this.#send(statement);
    this.transaction = Object.assign(toQueryable(send, names), { isWriting: true as const });
  }

  /** Resolves once everything is answered, with the first statement that failed, or null. */
  async settle(): Promise<unknown> {
    while (this.#sent.length > 0) await Promise.allSettled(this.#sent.splice(0));
    const failure = this.#firstFailure;
    this.#firstFailure = null;
    return failure;
  }

  begin(): void {
    this.#stage = 'work';
  }

  /** Sends what `write` writes and then the COMMIT, in one round trip. Resolves with the result of `commit`. */
  async sendLast<Outcome>(
    write: () => Promise<void> | undefined,
    commit: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#stage = 'last';
    const written = write();
    this.#stage = 'over';
    if (this.#firstFailure !== null) throw this.#firstFailure;
    const [outcome] = await Promise.all([commit(), written?.catch(() => undefined)]);
    return outcome;
  }

  #send(statement: Parameters<Send>[0]): ReturnType<Send> {
    if (this.#stage === 'over') throw new Error('The transaction has sent its COMMIT.');
    if (this.#stage === 'last' && !isSendable(statement.values)) {
      this.#firstFailure = new TypeError('What a transaction writes last is made of texts and numbers.');
      throw this.#firstFailure;
    }
    const answer = this.#client
      .query({ ...statement, values: toValues(statement.values) })
      .catch((error: unknown) => {
        const failure = toFailure(error);
        this.#firstFailure ??= failure;
        throw failure;
      });
    this.#sent.push(answer);
    return answer;
  }
}

/** The client rejects a value that it cannot encode, but would still send the COMMIT that follows. */
const isSendable = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === 'string' || typeof value === 'number');

/** Replaces NUL, which `text` cannot store, with the replacement character. */
export const toValues = (values: readonly unknown[]): unknown[] =>
  values.map((value) =>
    typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value,
  );

export class Transactions {
  readonly #options: TransactionOptions;
  readonly #sessions = new WeakMap<pg.PoolClient, Session>();
  /** Called at the end of every transaction; null for none. */
  lastWrite: LastWrite | null = null;

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  async run<Result>(
    work: TransactionWork<Result>,
    durability: Durability,
    options?: DoubtOptions<Result>,
  ): Promise<Result> {
    const runOnce = async (): Promise<Result> => {
      for (;;) {
        const attempt = await this.#runOnce(work, durability);
        const { doubt } = attempt;
        if (doubt && !options) throw doubt;
        if (doubt && options && !(await this.#isStored(doubt, attempt, options))) continue;
        return succeed(attempt);
      }
    };
    return this.#again(runOnce);
  }

  /** Retries the work, within the limit, while its errors allow it. */
  async #again<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock, random } = this.#options;
    const startedAtMs = clock.elapsedMs();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await work();
      } catch (error) {
        if (!canBeRetried(error) || clock.elapsedMs() - startedAtMs + pauseMs > retryLimitMs) throw error;
      }
      const delayMs = pauseMs * (0.5 + random());
      await new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
    }
  }

  /** Errors: the doubt, if the outcome cannot be found out within the limit; it may be found out later. */
  async #isStored<Result>(
    doubt: CommitUnknown,
    attempt: Attempt<Result>,
    { wasCommitted, later }: DoubtOptions<Result>,
  ): Promise<boolean> {
    const answer = await this.#again(() => this.#settleDoubt(doubt, wasCommitted)).catch(() => null);
    if (answer !== null) return answer;
    later?.search(
      this.#searchOn(doubt, wasCommitted, later.until).then((isStored) =>
        isStored ? succeed(attempt) : null,
      ),
    );
    throw doubt;
  }

  /** Resolves with true once the result is known to be stored. Never rejects. */
  async #searchOn(
    doubt: CommitUnknown,
    wasCommitted: () => Promise<boolean>,
    until: AbortSignal,
  ): Promise<boolean> {
    const { clock } = this.#options;
    while (!until.aborted) {
      try {
        return await this.#settleDoubt(doubt, wasCommitted);
      } catch (error) {
        if (failureOf(error) !== 'unavailable') return false;
      }
      await pause(clock, longestPauseMs, until);
    }
    return false;
  }

  /** The session may still be about to commit, so it is ended before looking for the result. */
  async #settleDoubt({ backend }: CommitUnknown, wasCommitted: () => Promise<boolean>): Promise<boolean> {
    const { clock, isPooled, pool } = this.#options;
    // A pooler's number is no process.
    if (backend !== null && !isPooled) {
      const find = async () => {
        try {
          return (await pool.query(endBackendSql, [backend.pid, backend.name])).rowCount ?? 0;
        } catch (error) {
          throw toFailure(error);
        }
      };
      while ((await find()) > 0) await new Promise<void>((resolve) => clock.schedule(firstPauseMs, resolve));
    }
    return wasCommitted();
  }

  async #runOnce<Result>(work: TransactionWork<Result>, durability: Durability): Promise<Attempt<Result>> {
    const client = await this.#options.pool.connect().catch((error: unknown) => {
      throw toFailure(error);
    });
    const line = { isBroken: false };
    // Statements get the errors of the connection too; this listener only keeps the process alive.
    const onError = () => {
      line.isBroken = true;
    };
    client.on('error', onError);
    const callbacks: (() => void)[] = [];
    const afterCommit: AfterCommit = (callback) => void callbacks.push(callback);
    try {
      const session = this.#sessionOf(client);
      const writeLast = () => this.lastWrite?.(session.transaction, afterCommit);
      const attempt = await this.#inTransaction(client, session, { durability, writeLast }, async () => {
        const done = await work(session.transaction, afterCommit);
        const failure = await session.settle();
        if (failure !== null) throw new RolledBack(failure);
        // From here on the outcome of the transaction may be unknown.
        if (line.isBroken) throw new ConnectionLost(new Error('it was closed'));
        return done;
      });
      line.isBroken ||= attempt.doubt !== null;
      return { ...attempt, callbacks };
    } catch (error) {
      line.isBroken ||= isConnectionError(error);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(line.isBroken);
    }
  }

  async #inTransaction<Result>(
    client: pg.PoolClient,
    session: Session,
    { durability, writeLast }: Ending,
    work: () => Promise<Result>,
  ): Promise<Omit<Attempt<Result>, 'callbacks'>> {
    session.begin();
    const begun = client.query(beginOf(durability, this.#options.isPooled)).catch((error: unknown) => {
      throw toFailure(error);
    });
    // Awaited below; until then a rejection must not count as unhandled.
    begun.catch(() => undefined);
    try {
      if (this.#options.isPooled) await begun;
      const result = await work();
      await begun;
      return { result, doubt: await session.sendLast(writeLast, () => commit(client, durability)) };
    } catch (error) {
      const failure = await session.settle();
      // The first failure explains more than the errors that it caused.
      const isConsequence =
        sqlStateOf(error) === abortedState || (error instanceof RolledBack && error.cause === null);
      const reason = isConsequence ? new RolledBack(failure) : error;
      if (isConnectionError(reason)) throw reason;
      await begun;
      await client.query('ROLLBACK').catch((cause: unknown) => {
        throw toFailure(cause);
      });
      throw reason;
    }
  }

  #sessionOf(client: pg.PoolClient): Session {
    const known = this.#sessions.get(client);
    if (known) return known;
    const session = new Session(client, this.#options.names);
    this.#sessions.set(client, session);
    return session;
  }
}

/** Runs the callbacks after the commit. */
function succeed<Result>({ result, callbacks }: Attempt<Result>): Result {
  for (const callback of callbacks) callback();
  return result;
}

/** `local` waits for the disk of this server only, which is enough to survive a killed process. */
const commitOf: Readonly<Record<Durability, string>> = { 'power-loss': 'on', 'process-death': 'local' };

function beginOf(durability: Durability, isPooled: boolean): string {
  const { statementMs, lockMs, idleInTransactionMs } = limitsOf.write;
  const limits = isPooled
    ? [
        `SET LOCAL statement_timeout = ${statementMs}`,
        `SET LOCAL lock_timeout = ${lockMs}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
        ...Object.entries(indexPlans).map(([name, value]) => `SET LOCAL ${name} = ${value}`),
      ]
    : [];
  const commit = `SET LOCAL synchronous_commit = ${commitOf[durability]}`;
  return ['BEGIN ISOLATION LEVEL READ COMMITTED', commit, ...limits].join('; ');
}

/**
 * Resolves with null once committed, or with the doubt when no response arrived. Errors: what the server reported
 * instead of committing.
 */
async function commit(client: pg.PoolClient, durability: Durability): Promise<CommitUnknown | null> {
  // Cancelling a commit that waits for a standby would wrongly report success.
  if (durability === 'power-loss')
    void client.query('SET LOCAL statement_timeout = 0').catch(() => undefined);
  try {
    const { command } = await client.query('COMMIT');
    // COMMIT of a transaction with a failed statement rolls back, and reports no error.
    if (command === 'COMMIT') return null;
  } catch (error) {
    if (isServerError(error) && !isConnectionError(error)) throw error;
    return new CommitUnknown(error, backendOf(client));
  }
  throw new RolledBack(null);
}

/** The id of the server process for a connection, which `pg` keeps for cancellation. */
function backendOf(client: pg.PoolClient): Backend | null {
  const { processID, connectionParameters } = client as {
    processID?: unknown;
    connectionParameters?: { application_name?: unknown };
  };
  const name = connectionParameters?.application_name;
  return typeof processID === 'number' && typeof name === 'string' ? { pid: processID, name } : null;
}
