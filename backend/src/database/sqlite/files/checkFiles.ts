/**
 * Checks the database's files before they are opened for writing: files that are damaged, or do not belong together,
 * are refused in one sentence and left unchanged. Creates the file if there is none, so an empty file found at a start
 * was not made by Rill.
 */
import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readFilesState } from './filesRecord.ts';
import { damaged, Refusal } from './refusals.ts';

const folderOf = (path: string) => `The data folder ${dirname(path)}`;
const sqliteHead = 'SQLite format 3\0';

/** Errors: Refusal. */
export function checkFiles(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    makeFile(path);
    return;
  }
  if (!stats.isFile()) throw new Refusal(`${folderOf(path)} cannot be used: rill.sqlite in it is no file.`);
  if (stats.size === 0) {
    throw new Refusal(
      `The database ${path} is empty (0 bytes): put a back-up in its place, or delete it to begin with a new one.`,
    );
  }
  if (headOf(path) !== sqliteHead) {
    throw new Refusal(
      `${folderOf(path)} cannot be used: rill.sqlite in it is no SQLite database, or its beginning is damaged: put a back-up in its place, or move it away to begin with a new one.`,
    );
  }
  const { isKnown, isExchanged } = readFilesState(path);
  if (isExchanged) {
    const log = `${path}-wal`;
    throw new Refusal(
      `${path} was exchanged or changed by another program while ${basename(log)} beside it still has writes of the former one: to continue with the file that is there now, move ${log} away; else put the former file back.`,
    );
  }
  if (!isKnown) checkContent(path);
}

/** Renamed once complete, so that a killed start leaves no empty file behind. */
function makeFile(path: string): void {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new Refusal(
      `The database ${path} is missing, and ${basename(path)}-wal beside it has writes that belong to it: put the database back, or move that file away to begin with a new one.`,
    );
  }
  const unfinished = `${path}-new`;
  rmSync(unfinished, { force: true });
  const connection = new DatabaseSync(unfinished);
  try {
    connection.exec('PRAGMA journal_mode = WAL');
  } finally {
    connection.close();
  }
  renameSync(unfinished, path);
}

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(sqliteHead.length);
    return head.toString('latin1', 0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}

/**
 * Reads all of a file that may have been made, changed or truncated by others; read-only, so that a refusal changes
 * nothing.
 */
function checkContent(path: string): void {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  let found: unknown;
  try {
    found = connection.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  } finally {
    connection.close();
  }
  if (found !== 'ok') throw damaged(path, String(found));
}
