/**
 * Writes everything of one user as a zip file, as a stream in constant memory. Equal data gives equal bytes: entries and
 * lines are in the order of their ids, times in the zip file are fixed, and nothing says when it was written.
 */
import { PassThrough, Readable } from 'node:stream';
import { RillError } from '@rill/protocol';
import { ZipFile } from 'yazl';
import type { Queryable } from '../database/database.ts';
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
import { chatIdsOf, manyRowsWhere, rowsWhere } from './archiveRows.ts';
import {
  type ArchiveTable,
  draftTable,
  fileTable,
  fileTables,
  projectTable,
  sharedTables,
} from './archiveTables.ts';
import { type ChatTally, chatLines } from './chatLines.ts';

export interface ArchiveSource {
  readonly reader: Queryable;
  readonly files: Pick<FileStore, 'open'>;
  readonly ownerId: string;
}

/** Times of entries: the first day that a zip file can name, whatever the time zone. */
const entryOptions = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/** The archive. Its error is that of the database; destroying it ends the reading. */
export function writeArchive(source: ArchiveSource): Readable {
  const zip = new ZipFile();
  const archive = new PassThrough();
  const entries = new EntryWriter(zip, archive);
  zip.outputStream.pipe(archive);
  zip.on('error', (error: Error) => archive.destroy(error));
  void addEntries(source, entries).then(
    () => zip.end(),
    (error: Error) => archive.destroy(error),
  );
  return archive;
}

async function addEntries(source: ArchiveSource, entries: EntryWriter): Promise<void> {
  const { reader, ownerId } = source;
  await entries.add(headName, [`${JSON.stringify({ format: 'rill-archive', version: archiveVersion })}\n`]);
  const tally: ChatTally = { chats: 0, messages: 0, runningAnswers: 0 };
  for await (const chatId of chatIdsOf(reader, ownerId)) {
    await entries.add(chatName(chatId), textOf(chatLines(reader, chatId, tally)));
  }
  // After the chats: a project that was made meanwhile is there for the chats that moved to it.
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
  { reader, ownerId }: ArchiveSource,
  count: (row: Row) => Row,
): AsyncGenerator<string> {
  for (const row of await rowsWhere(reader, projectTable, 'owner_id', ownerId))
    yield toLine(projectTable, count(row));
  for (const row of await rowsWhere(reader, draftTable, 'owner_id', ownerId))
    if (row.project_id !== null) yield toLine(draftTable, row);
}

/** The contents first, each once: a file whose content is lost is in no archive. */
async function addFiles(
  source: ArchiveSource,
  entries: EntryWriter,
): Promise<{ readonly files: number; readonly lostFiles: number }> {
  const contents = new Map<unknown, boolean>();
  const lines: string[] = [];
  const count = { files: 0, lostFiles: 0 };
  for await (const row of manyRowsWhere(source.reader, fileTable, 'owner_id', source.ownerId)) {
    const sha256 = String(row.sha256);
    if (!contents.has(sha256)) contents.set(sha256, await addContent(source, entries, sha256));
    count[contents.get(sha256) ? 'files' : 'lostFiles'] += 1;
    if (!contents.get(sha256)) continue;
    lines.push(toLine(fileTable, row));
    for (const table of fileTables.slice(1))
      for (const belonging of await rowsWhere(source.reader, table, 'file_id', String(row.id)))
        lines.push(toLine(table, belonging));
  }
  await entries.add(
    filesName,
    lines.map((line) => `${line}\n`),
  );
  return count;
}

async function addContent({ files }: ArchiveSource, entries: EntryWriter, sha256: string): Promise<boolean> {
  const content = await files.open(sha256).catch((error: unknown) => {
    if (error instanceof RillError && error.code === 'not_found') return null;
    throw error;
  });
  if (!content) return false;
  await entries.add(contentName(sha256), content);
  return true;
}

async function* linesOfOwner(
  { reader, ownerId }: ArchiveSource,
  table: ArchiveTable,
): AsyncGenerator<string> {
  for await (const row of manyRowsWhere(reader, table, 'owner_id', ownerId)) yield toLine(table, row);
}

/** Adds entries one after another, each once the one before it is written. */
class EntryWriter {
  readonly #zip: ZipFile;
  readonly #archive: PassThrough;

  constructor(zip: ZipFile, archive: PassThrough) {
    this.#zip = zip;
    this.#archive = archive;
  }

  /** Resolves when the reader of the archive has taken it, or rejects when it will not. */
  add(name: string, parts: Iterable<string> | AsyncIterable<string | Buffer>): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = Readable.from(parts, { objectMode: false });
      const onClosed = () => entry.destroy(this.#archive.errored ?? new Error('The reader has left.'));
      this.#archive.once('close', onClosed);
      if (this.#archive.destroyed) onClosed();
      entry
        .once('error', reject)
        .once('end', resolve)
        .once('close', () => this.#archive.off('close', onClosed));
      this.#zip.addReadStreamLazy(name, entryOptions, (give) => give(null, entry));
    });
  }
}
