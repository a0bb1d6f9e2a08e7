/**
 * Records, beside the database, the state in which Rill left its files, so that a start notices files that were
 * exchanged or changed. The record is removed before the database file changes and written again afterwards, so it is
 * never wrong.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

interface FilesRecord {
  readonly main: string;
  /** Which file the write-ahead log was; null when there was none. */
  readonly wal: string | null;
}

export interface FilesState {
  /** True when the database file is as Rill left it. */
  readonly isKnown: boolean;
  /** True when it is another one, or was changed, while the write-ahead log beside it is still the former one's. */
  readonly isExchanged: boolean;
}

const recordOf = (path: string) => `${path}-known`;

export function forgetFiles(path: string): void {
  rmSync(recordOf(path), { force: true });
}

export function noteFiles(path: string): void {
  try {
    const record: FilesRecord = { main: identityOf(path) ?? '', wal: fileOf(`${path}-wal`) };
    writeFileSync(recordOf(path), JSON.stringify(record));
  } catch {
    // A full disk: without a record the next start checks the file instead.
    forgetFiles(path);
  }
}

export function readFilesState(path: string): FilesState {
  const record = readRecord(path);
  const isKnown = record !== null && record.main === identityOf(path);
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const isFormerLog = record !== null && record.wal !== null && record.wal === fileOf(`${path}-wal`);
  return { isKnown, isExchanged: hasLog && isFormerLog && !isKnown };
}

function readRecord(path: string): FilesRecord | null {
  try {
    const { main, wal } = JSON.parse(readFileSync(recordOf(path), 'utf8'));
    return typeof main === 'string' ? { main, wal: typeof wal === 'string' ? wal : null } : null;
  } catch {
    // Never written, or torn by a power cut.
    return null;
  }
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino}.${stats.size}.${stats.mtimeNs}` : null;
}

/** Its number on the disk is given again once the file is deleted; the time at which it was made is 0 where no disk keeps it. */
function fileOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino}.${stats.birthtimeNs}` : null;
}
