/**
 * `rill backup FILE`: a whole copy of the database by SQLite's own means, also while Rill writes. FILE is there only once
 * it is whole and was checked by opening it.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { readConfig } from '../../backend/src/config.ts';

/** How long a lock of the server is waited for, in milliseconds. */
const lockLimitMs = 10_000;

const usage = `rill backup FILE

Copies the database of RILL_DATA_DIR to FILE, which must not be there yet, and checks the copy.`;

/** Resolves with the exit code. Errors: throws one sentence; FILE is not there then. */
export function backUp([file = '--help']: readonly string[]): number {
  if (file === '--help') process.stdout.write(`${usage}\n`);
  else process.stdout.write(`The copy is whole: ${copyDatabase(file)}\n`);
  return 0;
}

function copyDatabase(file: string): string {
  const source = join(readConfig().dataDirectory, 'rill.sqlite');
  if (!existsSync(source)) throw new Error(`There is no ${source}: set RILL_DATA_DIR.`);
  const target = resolve(file);
  if (existsSync(target)) throw new Error(`${target} is there already: name a new file.`);
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
  copy.close();
  if (found !== 'ok') throw new Error(`The copy is not whole: ${String(found)}.`);
  renameSync(unfinished, target);
  return target;
}
