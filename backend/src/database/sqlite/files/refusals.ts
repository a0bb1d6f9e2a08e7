/** Turns failures of the database's files into one sentence that says what to do. */
import { isOutOfFiles, isTooManyFiles } from '../../../tooManyFiles.ts';
import type { DatabaseFailure } from '../../database.ts';

/** The message is shown to the operator unchanged. */
export class Refusal extends Error {}

/** Another process has the data folder. */
export class FolderHeld extends Refusal {}

/** SQLite's primary result codes. */
const code = {
  busy: 5,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
};

/** SQLite's extended result codes for a duplicate row. */
const duplicateCodes: readonly number[] = [1555, 2067, 2579];

/** Classifies an error of a query or a transaction in the terms of the database port. */
export function failureOf(error: unknown): DatabaseFailure | null {
  if (!isOfSqlite(error)) return null;
  return duplicateCodes.includes(error.errcode) ? 'duplicate' : 'failed';
}

export function isBusy(error: unknown): boolean {
  return codeOf(error) === code.busy;
}

export function damaged(path: string, reason: string): Refusal {
  const short = reason.replace(/\s+/g, ' ').slice(0, 200);
  return new Refusal(
    `The database ${path} is damaged (${short}): put a back-up in its place, or keep a copy of the file and save what can be read: ${salvageCommand(path)}`,
  );
}

/**
 * The `.dump` command of every sqlite3 reads around damage but then undoes everything; `.recover` is missing in
 * Debian's.
 */
function salvageCommand(path: string): string {
  const quoted = `'${path.replaceAll("'", String.raw`'\''`)}'`;
  return `sqlite3 ${quoted} .dump | sed 's/^ROLLBACK.*/COMMIT;/' | sqlite3 saved.sqlite`;
}

/** Turns an error of opening into a refusal. */
export function refusalOf(cause: unknown, dataDirectory: string, path: string): Error {
  if (cause instanceof Refusal) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const refuse = (sentence: string) => Object.assign(new Refusal(sentence), { cause });
  const isHidden = [code.cannotOpen, code.io].includes(codeOf(cause) ?? 0);
  if (isTooManyFiles(cause) || (isHidden && isOutOfFiles())) {
    return refuse(
      `The data folder ${dataDirectory} cannot be opened, because Rill may have too few files open (${reason}): raise the limit, such as with "ulimit -n 4096".`,
    );
  }
  const problem = folderProblems[systemCodeOf(cause) ?? ''];
  if (problem) return refuse(`The data folder ${dataDirectory} cannot be used: ${problem}.`);
  switch (codeOf(cause)) {
    case code.busy:
      return Object.assign(
        new FolderHeld(`Another Rill is already running on the data folder ${dataDirectory}.`),
        { cause },
      );
    case code.corrupt:
    case code.notADatabase:
      return Object.assign(damaged(path, reason), { cause });
    case code.readOnly:
    case code.cannotOpen:
      return refuse(
        `The data folder ${dataDirectory} cannot be used: a file in it cannot be read and written (${reason}): give this user the right to, or set RILL_DATA_DIR.`,
      );
    case code.io:
    case code.protocol:
      return refuse(
        `The data folder ${dataDirectory} cannot be used: its disk fails or has no locks (${reason}): put it on a local disk (RILL_DATA_DIR).`,
      );
    default:
      return refuse(`The data folder ${dataDirectory} cannot be used: ${reason}.`);
  }
}

const noRight = 'this user may not read and write it: give it the right to, or set RILL_DATA_DIR';
const folderProblems: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file and no folder: move it away, or set RILL_DATA_DIR',
  ENOTDIR: 'a part of its path is a file and no folder: set RILL_DATA_DIR',
  EACCES: noRight,
  EPERM: noRight,
  EROFS: 'its file system is read-only: mount it for writing, or set RILL_DATA_DIR',
  ENOSPC: 'its disk is full: make room, or set RILL_DATA_DIR',
};

const systemCodeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

export const isOfSqlite = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';

const codeOf = (error: unknown): number | null => (isOfSqlite(error) ? error.errcode & 0xff : null);
