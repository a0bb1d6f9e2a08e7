/**
 * What the log bench appends to. Another driver of the log is one more entry: it opens in a folder, makes runs, and
 * appends by the contract of backend/src/log/eventLog.ts.
 */
import type { AppendLease, EventLog } from '../../../backend/src/log/eventLog.ts';
import { openBareInsert } from './bareInsert.ts';
import { openSqliteLog } from './sqliteLog.ts';

export interface OpenLog {
  readonly append: EventLog['append'];
  /** Makes open runs, so that events can be appended to them. */
  beginRuns(count: number): Promise<AppendLease[]>;
  /** True while the store tidies itself up beside the commits, as SQLite's checkpoints do. */
  isTidyingUp(): boolean;
  close(): Promise<void>;
}

export interface LogDriver {
  readonly name: string;
  readonly label: string;
  /** The table's floor: the same rows with nothing around them. */
  readonly isFloor?: true;
  open(folder: string): Promise<OpenLog>;
}

export const logDrivers: readonly LogDriver[] = [
  { name: 'bare', label: 'bare INSERTs (floor)', isFloor: true, open: openBareInsert },
  { name: 'sqlite', label: 'Rill: SQLite event log', open: openSqliteLog },
];
