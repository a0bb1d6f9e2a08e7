/**
 * `rill backup FILE`: copies the whole database by SQLite's own means, also while Rill writes, and its files. FILE
 * exists only once both copies are whole and were checked.
 */
import { cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { readConfig } from '../../../backend/src/config.ts';

/** How long a lock of the server is waited for, in milliseconds. */
const lockLimitMs = 10_000;

const usage = `rill backup FILE

Copies the database of RILL_DATA_DIR to FILE and its files to the folder FILE-files, which must not be there yet, and
checks both. To restore them, name them rill.sqlite and files in a data folder.`;

/** Returns the exit code. Errors: throws one sentence; FILE does not exist then. */
export function backUp([file = '--help']: readonly string[]): number {
  if (file === '--help') process.stdout.write(`${usage}\n`);
  else process.stdout.write(`The copy is whole: ${copyDatabase(file)}\n`);
  return 0;
}

function copyDatabase(file: string): string {
  const { dataDirectory, postgres } = readConfig();
  if (postgres)
    throw new Error('The database is the Postgres at DATABASE_URL: copy it by pg_dump (docs/operations.md).');
  const source = join(dataDirectory, 'rill.sqlite');
  if (!existsSync(source)) throw new Error(`There is no ${source}: set RILL_DATA_DIR.`);
  const target = resolve(file);
  const filesTarget = `${target}-files`;
  for (const path of [target, filesTarget])
    if (existsSync(path)) throw new Error(`${path} is there already: name a new file.`);
  const unfinished = `${target}-unfinished`;
  rmSync(unfinished, { force: true });
  const connection = new DatabaseSync(source, { timeout: lockLimitMs, readOnly: true });
  try {
    connection.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    connection.close();
  }
  const copy = new DatabaseSync(unfinished, { readOnly: true });
  const found = copy.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  // A database that no newer version was started on has no such table.
  const hasFiles = copy.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'files'").get() !== undefined;
  const files = hasFiles ? copy.prepare('SELECT DISTINCT sha256, size_bytes FROM files').all() : [];
  copy.close();
  if (found !== 'ok') throw new Error(`The copy is not whole: ${String(found)}.`);
  copyFiles(dataDirectory, filesTarget, files);
  renameSync(unfinished, target);
  return target;
}

/**
 * Call it after the database is copied: the files that it names never change and stay for at least a day. Errors:
 * throws when one is missing.
 */
function copyFiles(dataDirectory: string, target: string, files: readonly Record<string, unknown>[]): void {
  if (files.length === 0) return;
  const unfinished = `${target}-unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  // An upload that is still being received is no file yet.
  const filter = (source: string): boolean => basename(source) !== 'incoming';
  cpSync(join(dataDirectory, 'files'), unfinished, { recursive: true, filter });
  for (const { sha256, size_bytes: size } of files) {
    const path = join(unfinished, String(sha256).slice(0, 2), String(sha256));
    if (statSync(path, { throwIfNoEntry: false })?.size !== size)
      throw new Error(`The copy is not whole: the file ${String(sha256)} is missing.`);
  }
  renameSync(unfinished, target);
}
