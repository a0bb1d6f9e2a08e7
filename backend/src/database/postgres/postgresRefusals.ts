/** Explains in one sentence why a database cannot be used, and what to do. No sentence contains a password. */
import type pg from 'pg';
import { sqlStateOf } from './postgresFailures.ts';

const beginning = 'The database at DATABASE_URL cannot be used:';

/** By the SQLSTATE of the server. */
const adviceOfState: Readonly<Record<string, string>> = {
  '3D000': 'make it with CREATE DATABASE',
  '28P01': 'correct the user and the password in the address',
  '28000': 'correct the user in the address, or let it in (pg_hba.conf)',
  '42501': 'GRANT CONNECT ON DATABASE to this user',
};
/** By what the client says. */
const adviceOfText: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, 'leave sslmode out of the address'],
  [
    /certificate|altnames/i,
    'set NODE_EXTRA_CA_CERTS to the certificate of its authority, or sslmode=no-verify in the address',
  ],
  [/is a standby/, 'give the address of the primary'],
  [/ECONN|ENOTFOUND|EAI_AGAIN|ENOENT|EHOST|timeout/i, 'start the database, or correct the address'],
];

/** Explains why the first connection failed. */
export function toRefusal(cause: unknown): Error {
  const reason = reasonOf(cause);
  const advice =
    adviceOfState[sqlStateOf(cause) ?? ''] ?? adviceOfText.find(([pattern]) => pattern.test(reason))?.[1];
  return new Error(`${beginning} ${reason}${advice === undefined ? '' : `; ${advice}`}`, { cause });
}

/** A name with several addresses fails with an aggregate error, one for each address. */
function reasonOf(error: unknown): string {
  const lost = error instanceof Error ? error.cause : undefined;
  if (error instanceof Error && lost instanceof AggregateError)
    return `${error.message}${lost.errors.map(reasonOf).join(', ')}`;
  return error instanceof Error ? error.message : String(error);
}

interface ServerFacts {
  readonly version: number;
  readonly versionText: string;
  readonly encoding: string;
  readonly user: string;
  /** Null where no schema of the search path exists. */
  readonly schema: string | null;
  readonly mayCreate: boolean | null;
  readonly isMade: boolean;
  /** Another schema that has the tables of a Rill, which the search path does not lead to; null where there is none. */
  readonly otherSchema: string | null;
}

const oldestVersion = 15;

/** Errors: throws one sentence when this Rill cannot use the database. Resolves with the version of the server. */
export async function refuseUnusable(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query(`SELECT current_setting('server_version_num')::int / 10000 AS version,
    current_setting('server_version') AS "versionText", current_setting('server_encoding') AS encoding,
    current_user AS "user", current_schema() AS schema, to_regclass('rill_meta') IS NOT NULL AS "isMade",
    (SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'rill_meta' AND relkind = 'r' LIMIT 1) AS "otherSchema",
    has_schema_privilege(current_schema(), 'CREATE') AS "mayCreate"`);
  const [facts] = rows as ServerFacts[];
  const reason = facts && unusableBecause(facts);
  if (reason) throw new Error(`${beginning} ${reason}`);
  return facts?.versionText ?? '';
}

function unusableBecause(facts: ServerFacts): string | null {
  const { version, versionText, encoding, user, schema, mayCreate, isMade, otherSchema } = facts;
  if (version < oldestVersion)
    return `it is PostgreSQL ${versionText}; update it to ${oldestVersion} or newer`;
  if (encoding !== 'UTF8')
    return `its encoding, ${encoding}, cannot store every text; make one with ENCODING 'UTF8' TEMPLATE template0`;
  if (schema === null)
    return 'no schema of its search_path exists; make one with CREATE SCHEMA, or change the search_path';
  // Two in one database would take each other's locks.
  if (!isMade && otherSchema !== null)
    return `its schema "${otherSchema}" has the tables of Rill, and the search_path leads to "${schema}"; name "${otherSchema}" in the search_path, or make a database of its own for another Rill`;
  if (!isMade && !mayCreate)
    return `the user "${user}" may not make tables in it; make that user its owner, or GRANT CREATE ON SCHEMA "${schema}"`;
  return null;
}
