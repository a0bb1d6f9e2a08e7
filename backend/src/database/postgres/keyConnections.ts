/**
 * Stores connections to the provider's key page that were begun, so that the page may redirect to any node. Each is
 * returned once; all times are the database's.
 */
import type { Database } from '../database.ts';

interface BegunConnection {
  readonly stateHash: string;
  readonly verifier: string;
  readonly sessionId: string | null;
}

export interface ConnectionLimits {
  /** How long a connection is valid, in milliseconds. */
  readonly lifeMs: number;
  /** When there are more, the oldest are deleted. */
  readonly maxCount: number;
}

const nowMs = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
const forgetSql = `DELETE FROM key_connections WHERE expires_at_ms <= ${nowMs} OR state_hash IN (
  SELECT state_hash FROM key_connections ORDER BY expires_at_ms DESC, state_hash OFFSET $1::int)`;
const putSql = `INSERT INTO key_connections (state_hash, verifier, session_id, expires_at_ms)
  VALUES ($1, $2, $3, ${nowMs} + $4::bigint)`;
const takeSql = `DELETE FROM key_connections WHERE state_hash = $1 AND session_id IS NOT DISTINCT FROM $2::text
  RETURNING verifier, expires_at_ms > ${nowMs} AS "isGood"`;

export class PostgresConnections {
  readonly #database: Pick<Database, 'transaction'>;
  readonly #limits: ConnectionLimits;

  constructor(database: Pick<Database, 'transaction'>, limits: ConnectionLimits) {
    this.#database = database;
    this.#limits = limits;
  }

  async put({ stateHash, verifier, sessionId }: BegunConnection): Promise<void> {
    const { lifeMs, maxCount } = this.#limits;
    await this.#database.transaction(async ({ prepared }) => {
      await prepared.change(forgetSql, [maxCount - 1]);
      await prepared.change(putSql, [stateHash, verifier, sessionId, lifeMs]);
    }, 'process-death');
  }

  /** Two concurrent calls for one connection wait for each other, and only the first gets it. */
  async take(stateHash: string, sessionId: string | null): Promise<string | null> {
    const row = await this.#database.transaction(({ prepared }) =>
      prepared.first(takeSql, [stateHash, sessionId]),
    );
    const { verifier, isGood } = (row ?? {}) as { verifier?: string; isGood?: boolean };
    return isGood === true ? (verifier ?? null) : null;
  }
}
