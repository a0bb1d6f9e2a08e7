/**
 * Records, beside the database, the state in which Rill left its files, so that a start notices files that were
 * replaced or changed. The record is removed before the database file changes and written again afterwards, so it is
 * never wrong.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

interface FilesRecord {
  readonly main: string;
  /** Identity of the write-ahead log; null if there was none. */
  readonly wal: string | null;
}

export interface FilesState {
  /** True if the database file is as Rill left it. */
  readonly isKnown: boolean;
  /**
   * True if the database file was replaced or changed while the write-ahead log of the former one is still beside it.
   */
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
    // The disk is full: without a record the next start checks the file instead.
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

/** Inode numbers are reused once a file is deleted; the birth time is 0 on file systems that do not store it. */
function fileOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino}.${stats.birthtimeNs}` : null;
}
