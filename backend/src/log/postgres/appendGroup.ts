/**
 * Defines an append that waits to be written, and builds the parameters of the statements that write a group of them.
 */
import type { RunLease } from '../../database/runLease.ts';
import type { AttachedWrites, LogRecord } from '../eventLog.ts';
import { numberArray, textArray } from './arrayLiterals.ts';

export interface PendingAppend {
  readonly lease: RunLease;
  readonly records: readonly LogRecord[];
  readonly attached: AttachedWrites | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a statement that appends returns. */
export interface AppendAnswer {
  readonly alive: boolean;
  readonly open_runs: readonly string[] | null;
  readonly cancelled: readonly string[];
}

/** Parameters in the order of `LogStatements.append`. For each event its run and epoch must be in the group. */
export function appendValues(bootId: string, group: readonly PendingAppend[]): string[] {
  const leases = [...new Map(group.map(({ lease }) => [lease.runId, lease])).values()];
  const rows = rowsOf(group);
  return [
    bootId,
    textArray(leases.map(({ runId }) => runId)),
    numberArray(leases.map(({ epoch }) => epoch)),
    ...keyValues(rows),
    numberArray(rows.map(({ record }) => record.cursor.contentLength)),
    numberArray(rows.map(({ record }) => record.cursor.reasoningLength)),
  ];
}

/** In the order of `LogStatements.compare`. */
export function compareValues(group: readonly PendingAppend[]): string[] {
  return keyValues(rowsOf(group));
}

/** In the order of `LogStatements.missing`: of each run the event before its first one in the group. */
export function precedingValues(group: readonly PendingAppend[]): string[] {
  const firsts = group.filter(
    ({ lease }, index) => group.findIndex((append) => append.lease.runId === lease.runId) === index,
  );
  return [
    textArray(firsts.map(({ lease }) => lease.runId)),
    numberArray(firsts.map(({ records }) => (records[0]?.cursor.seq ?? 1) - 1)),
  ];
}

interface Row {
  readonly runId: string;
  readonly record: LogRecord;
}

const rowsOf = (group: readonly PendingAppend[]): Row[] =>
  group.flatMap(({ lease, records }) => records.map((record) => ({ runId: lease.runId, record })));

const keyValues = (rows: readonly Row[]): string[] => [
  textArray(rows.map(({ runId }) => runId)),
  numberArray(rows.map(({ record }) => record.cursor.seq)),
  textArray(rows.map(({ record }) => record.event.type)),
  textArray(rows.map(({ record }) => record.dataJson)),
];
