/**
 * Lists the drivers that the log bench measures. A new driver needs an entry here: it opens in a folder, creates runs,
 * and appends by the contract of backend/src/log/eventLog.ts.
 */
import { hasPostgres } from '../../../backend/test/postgres/postgresServer.ts';
import { openBareInsert } from './bareInsert.ts';
import type { OpenLog } from './openLog.ts';
import { openPostgresLog } from './postgresLog.ts';
import { openSqliteLog } from './sqliteLog.ts';

export interface LogDriver {
  readonly name: string;
  readonly label: string;
  /** Marks the lower bound: the same rows without the log's own work. */
  readonly isFloor?: true;
  /** Opens the log. `postgresUrl` is the address of a server, for drivers that need one. */
  open(folder: string, postgresUrl: string): Promise<OpenLog>;
}

const postgres: LogDriver = {
  name: 'postgres',
  label: 'Rill: Postgres event log',
  open: (_folder, postgresUrl) => openPostgresLog(postgresUrl),
};

export const logDrivers: readonly LogDriver[] = [
  { name: 'bare', label: 'bare INSERTs (floor)', isFloor: true, open: openBareInsert },
  { name: 'sqlite', label: 'Rill: SQLite event log', open: openSqliteLog },
  ...(hasPostgres ? [postgres] : []),
];
