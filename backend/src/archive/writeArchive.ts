/**
 * Writes everything of one user as a zip file, as a stream in constant memory. Equal data gives equal bytes: entries
 * and lines are ordered by id, times in the zip file are fixed, and the time of writing is not recorded.
 */
import { PassThrough, type Readable, Transform, type TransformCallback } from 'node:stream';
import { RillError } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { Database, Queryable } from '../database/database.ts';
import type { FileStore } from '../files/fileStore.ts';
import {
  archiveVersion,
  chatName,
  contentName,
  filesName,
  headName,
  projectsName,
  summaryName,
  textOf,
} from './archiveLayout.ts';
import { type Row, toLine } from './archiveRecord.ts';
import { chatIdsOf, rowsOfOwner, rowsWhere } from './archiveRows.ts';
import {
  type ArchiveTable,
  draftTable,
  fileTable,
  fileTables,
  projectTable,
  sharedTables,
} from './archiveTables.ts';
import { type ChatTally, chatLines } from './chatLines.ts';
import { type WriteBytes, ZipWriter } from './zip/zipWriter.ts';

export interface ArchiveSource {
  readonly database: Pick<Database, 'readSnapshot'>;
  readonly files: Pick<FileStore, 'open'>;
  readonly ownerId: string;
  /** For a reader that may stall; without it the archive waits without limit. */
  readonly limit?: StallLimit;
}

export interface StallLimit {
  readonly clock: Pick<Clock, 'schedule'>;
  /** How long the archive may wait for its reader, in milliseconds. */
  readonly stalledReaderTimeoutMs: number;
}

/** All rows of an archive come from one snapshot. */
interface ArchiveRows extends Pick<ArchiveSource, 'files' | 'ownerId'> {
  readonly reader: Queryable;
}

/**
 * Returns the archive as a stream. It fails with the error of the database. Destroying it stops the reading, as does a
 * reader that stalls.
 */
export function writeArchive({ database, files, ownerId, limit }: ArchiveSource): Readable {
  const archive = limit ? new WatchedStream(limit) : new PassThrough();
  const entries = new ZipWriter(writerTo(archive));
  void database
    .readSnapshot((reader) => addEntries({ reader, files, ownerId }, entries))
    .then(() => entries.end())
    .then(
      () => archive.end(),
      (error: Error) => archive.destroy(error),
    )
    .finally(() => entries.close());
  return archive;
}

/** Waits for a slow reader, and fails if the reader stops. */
const writerTo =
  (archive: Transform): WriteBytes =>
  (bytes) =>
    new Promise((resolve, reject) => {
      const onClosed = () => reject(archive.errored ?? new Error('The reader has left.'));
      if (archive.destroyed) onClosed();
      else if (archive.write(bytes)) resolve();
      else {
        archive.once('close', onClosed);
        archive.once('drain', () => {
          archive.off('close', onClosed);
          resolve();
        });
      }
    });

async function addEntries(source: ArchiveRows, entries: ZipWriter): Promise<void> {
  const { reader, ownerId } = source;
  await entries.add(headName, [`${JSON.stringify({ format: 'rill-archive', version: archiveVersion })}\n`]);
  const tally: ChatTally = { chats: 0, messages: 0, runningAnswers: 0 };
  for await (const chatId of chatIdsOf(reader, ownerId)) {
    await entries.add(chatName(chatId), textOf(chatLines(reader, chatId, tally)));
  }
  let projects = 0;
  const count = (counted: Row) => {
    projects += 1;
    return counted;
  };
  await entries.add(projectsName, textOf(projectLines(source, count)));
  const files = await addFiles(source, entries);
  for (const [name, table] of Object.entries(sharedTables))
    await entries.add(name, textOf(linesOfOwner(source, table)));
  await entries.add(summaryName, [`${JSON.stringify({ projects, ...tally, ...files })}\n`]);
}

async function* projectLines(
  { reader, ownerId }: ArchiveRows,
  count: (row: Row) => Row,
): AsyncGenerator<string> {
  for (const row of await rowsWhere(reader, projectTable, 'owner_id', ownerId))
    yield toLine(projectTable, count(row));
  for (const row of await rowsWhere(reader, draftTable, 'owner_id', ownerId))
    if (row.project_id !== null) yield toLine(draftTable, row);
}

/** Contents first, each once; a file whose content is lost is left out. */
async function addFiles(
  source: ArchiveRows,
  entries: ZipWriter,
): Promise<{ readonly files: number; readonly lostFiles: number }> {
  const isLost = new Map<string, boolean>();
  const count = { files: 0, lostFiles: 0 };
  for await (const { sha256 } of rowsOfOwner(source.reader, fileTable, source.ownerId)) {
    const content = String(sha256);
    if (!isLost.has(content)) isLost.set(content, !(await addContent(source, entries, content)));
    count[isLost.get(content) ? 'lostFiles' : 'files'] += 1;
  }
  await entries.add(filesName, textOf(fileLines(source, (sha256) => isLost.get(sha256) === true)));
  return count;
}

async function* fileLines(
  { reader, ownerId }: ArchiveRows,
  isLost: (sha256: string) => boolean,
): AsyncGenerator<string> {
  for await (const row of rowsOfOwner(reader, fileTable, ownerId)) {
    if (isLost(String(row.sha256))) continue;
    yield toLine(fileTable, row);
    for (const table of fileTables.slice(1))
      for (const belonging of await rowsWhere(reader, table, 'file_id', String(row.id)))
        yield toLine(table, belonging);
  }
}

async function addContent({ files }: ArchiveRows, entries: ZipWriter, sha256: string): Promise<boolean> {
  const content = await files.open(sha256).catch((error: unknown) => {
    if (error instanceof RillError && error.code === 'not_found') return null;
    throw error;
  });
  if (!content) return false;
  await entries.add(contentName(sha256), content);
  return true;
}

async function* linesOfOwner({ reader, ownerId }: ArchiveRows, table: ArchiveTable): AsyncGenerator<string> {
  for await (const row of rowsOfOwner(reader, table, ownerId)) yield toLine(table, row);
}

/** Fails when its reader has taken nothing for too long: a snapshot must not stay open for ever. */
class WatchedStream extends Transform {
  readonly #limit: StallLimit;
  #hasMoved = true;
  #cancelWatch: () => void;

  constructor(limit: StallLimit) {
    super();
    this.#limit = limit;
    this.#cancelWatch = this.#watch();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hasMoved = true;
    done(null, chunk);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cancelWatch();
    done(error);
  }

  #watch(): () => void {
    const { clock, stalledReaderTimeoutMs } = this.#limit;
    return clock.schedule(stalledReaderTimeoutMs, () => {
      if (!this.#hasMoved && this.readableLength > 0) this.destroy(new Error('The reader has stalled.'));
      else {
        this.#hasMoved = false;
        this.#cancelWatch = this.#watch();
      }
    });
  }
}
