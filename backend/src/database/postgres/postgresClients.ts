/**
 * Connects to Postgres. Every connection sets its name, limits and types itself and does not depend on the server's
 * defaults.
 */
import type pg from 'pg';
import { ConnectionLost, isServerError } from './postgresFailures.ts';
import {
  answerMarginMs,
  type ConnectionPurpose,
  connectMs,
  type DedicatedPurpose,
  freeConnectionMs,
  limitsOf,
  type PostgresSettings,
} from './postgresSettings.ts';

/** The package, loaded only when Postgres is used. */
export type Pg = typeof pg;

const keepAliveMs = 10_000;
/** Postgres truncates a longer name, and nodes that end the connections of a process start look for the whole name. */
const maxNameBytes = 63;

export const nameOf = (bootId: string, purpose: ConnectionPurpose): string =>
  `rill ${bootId} ${purpose}`.slice(0, maxNameBytes);

/** Parsed as numbers: all of ours are below 2^53. Sums arrive as `numeric`. */
const numberOids: readonly number[] = [20, 1700];

function typesOf({ types }: Pg): pg.CustomTypesConfig {
  const getTypeParser = (oid: number, format?: 'text' | 'binary') =>
    numberOids.includes(oid) && format !== 'binary' ? Number : types.getTypeParser(oid, format);
  return { getTypeParser: getTypeParser as typeof types.getTypeParser };
}

/**
 * Settings that make plans independent of statistics, because a slot may have been emptied, or a table been new, when a
 * statement was prepared. JIT is off for the scans that remain.
 */
export const indexPlans = { enable_seqscan: 'off', jit: 'off' };
const plansOf: Readonly<Partial<Record<ConnectionPurpose, Readonly<Record<string, string>>>>> = {
  append: { ...indexPlans, plan_cache_mode: 'force_generic_plan' },
  tail: { ...indexPlans, plan_cache_mode: 'force_generic_plan' },
  read: indexPlans,
  write: indexPlans,
};

/** How often the server checks for a vanished client while a statement waits. */
const connectionCheck = '2s';

/**
 * Settings made at the start of a session. A pooler drops them, so each transaction behind one sets those that matter.
 */
function optionsOf(purpose: ConnectionPurpose): string {
  const { statementMs, lockMs, idleInTransactionMs } = limitsOf[purpose];
  const parameters = {
    default_transaction_isolation: 'read committed',
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    client_connection_check_interval: connectionCheck,
    ...plansOf[purpose],
    ...(purpose === 'read' ? { default_transaction_read_only: 'on' } : {}),
  };
  return Object.entries(parameters)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(' ', String.raw`\ `)}`)
    .join(' ');
}

/**
 * Modes that this `pg` takes for verify-full, with a warning, and a later one may take for less. `uselibpqcompat=true` in
 * the address gives them the meaning that they have for psql.
 */
const weakModes = /^(prefer|require|verify-ca)$/;

/** What an address says of where the database is and how it is reached. */
const ofAddress = /^(host|port|user|password|ssl.*|uselibpqcompat)$/;

function configOf(
  pg: Pg,
  url: string,
  settings: PostgresSettings,
  purpose: ConnectionPurpose,
  isSession: boolean,
): pg.ClientConfig {
  const address = new URL(url);
  const own = address.searchParams.get('options');
  // Parameters in the address would override ours: other nodes find a node's sessions by their name.
  for (const name of [...address.searchParams.keys()])
    if (!ofAddress.test(name)) address.searchParams.delete(name);
  const isWeak = weakModes.test(address.searchParams.get('sslmode') ?? '');
  if (isWeak && address.searchParams.get('uselibpqcompat') !== 'true')
    address.searchParams.set('sslmode', 'verify-full');
  const options = [own ?? '', isSession ? optionsOf(purpose) : ''].filter((part) => part !== '').join(' ');
  return {
    connectionString: address.href,
    application_name: nameOf(settings.bootId, purpose),
    ...(options === '' ? {} : { options }),
    query_timeout: limitsOf[purpose].statementMs + answerMarginMs,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    types: typesOf(pg),
    // Statements sent in one turn share a round trip; their responses arrive in order.
    pipeline: true,
  } as pg.ClientConfig;
}

/** True if a pooler may handle reads and transactions. */
export const isPooled = ({ url, directUrl }: PostgresSettings): boolean => url !== directUrl;

/** Opens a connection past any pooler. The caller listens to `error` and `end`, and ends it. */
export async function connectDirectly(
  pg: Pg,
  settings: PostgresSettings,
  purpose: DedicatedPurpose,
): Promise<pg.Client> {
  const client = new pg.Client(configOf(pg, settings.directUrl, settings, purpose, true));
  // Without a listener, an error on an idle connection would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await refuseStandby(client);
    return client;
  } catch (error) {
    // The first failure is the one to report.
    void client.end().catch(() => undefined);
    throw toFailure(error);
  }
}

/** False behind a pooler that drops the settings made at the start of a session. */
export async function hasOwnSession(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT current_setting('client_connection_check_interval') AS "connectionCheck"`,
  );
  return rows[0]?.connectionCheck === connectionCheck;
}

export function openPool(pg: Pg, settings: PostgresSettings, purpose: 'read' | 'write'): pg.Pool {
  const config = configOf(pg, settings.url, settings, purpose, !isPooled(settings));
  class PooledClient extends pg.Client {
    constructor() {
      // The pool's own limit is for the wait for a free connection.
      super(config);
      // During this check the pool has no error listener, and an error would end the process.
      this.on('error', () => undefined);
    }
  }
  const pool = new pg.Pool({
    ...config,
    max: purpose === 'read' ? settings.readers : settings.writers,
    connectionTimeoutMillis: freeConnectionMs,
    Client: PooledClient as new () => pg.ClientBase,
    verify: (client, done) => void refuseStandby(client).then(() => done(), done),
  });
  // A broken idle connection is replaced when the next one is needed.
  pool.on('error', () => undefined);
  return pool;
}

/** After a fail-over the address may still resolve to a read-only server. */
async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query('SELECT pg_is_in_recovery() AS "isStandby"');
  if (rows[0]?.isStandby) throw new ConnectionLost(new Error('the server is a standby'));
}

/** Turns errors that the server did not send into ConnectionLost. */
export const toFailure = (error: unknown): unknown =>
  isServerError(error) || error instanceof ConnectionLost ? error : new ConnectionLost(error);
