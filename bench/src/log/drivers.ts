/**
 * Lists the drivers that the log bench measures. To add a driver, add an entry: it opens in a folder, creates runs, and
 * appends by the contract of backend/src/log/eventLog.ts.
 */
import { openBareInsert } from './bareInsert.ts';
import type { OpenLog } from './openLog.ts';
import { openSqliteLog } from './sqliteLog.ts';

export interface LogDriver {
  readonly name: string;
  readonly label: string;
  /** The floor: the same rows without the log's own work. */
  readonly isFloor?: true;
  open(folder: string): Promise<OpenLog>;
}

export const logDrivers: readonly LogDriver[] = [
  { name: 'bare', label: 'bare INSERTs (floor)', isFloor: true, open: openBareInsert },
  { name: 'sqlite', label: 'Rill: SQLite event log', open: openSqliteLog },
];
