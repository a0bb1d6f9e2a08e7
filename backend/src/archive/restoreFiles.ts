/** Restores files: each content is inspected again, then stored together with its row. */
import type { Database, WriteTransaction } from '../database/database.ts';
import type { FileService } from '../files/fileService.ts';
import { inspectFile } from '../files/inspect/inspectFile.ts';
import type { ImportEntry, ImportSource, RunContext } from '../imports/importer.ts';
import { contentName, linesOf } from './archiveLayout.ts';
import { type NewRow, RecordReader } from './archiveRecord.ts';
import { storeRow } from './archiveRows.ts';
import { fileTable, fileTables, fileUseTable, holderTables } from './archiveTables.ts';
import type { Tally } from './storeInParts.ts';

/** The part of the file service that a restore needs. */
export type KeptFiles = Pick<FileService, 'store' | 'keepWith'>;

interface FileRestore {
  readonly database: Database;
  readonly context: RunContext;
  readonly files: KeptFiles;
}

/** A use whose holder does not exist is skipped. Errors: ImportRefused. */
export async function restoreFiles(
  restore: FileRestore,
  source: ImportSource,
  entry: ImportEntry,
): Promise<{ readonly tally: Tally; readonly notes: readonly string[] }> {
  const { database, context } = restore;
  const reader = await RecordReader.open(database.reader, fileTables, context.ownerId);
  const tally: Tally = { new: 0, equal: 0, other: 0 };
  const refused = new Set<unknown>();
  for await (const line of linesOf(await entry.open())) {
    context.signal.throwIfAborted();
    const { table, row } = reader.read(line);
    if (table === fileTable) {
      const content = source.find(contentName(String(row.sha256)));
      if (!content || !(await restoreFile(restore, row, content, tally))) refused.add(row.id);
    } else if (!refused.has(row.file_id)) {
      await database.transaction(async (transaction) => {
        if (table !== fileUseTable || (await hasHolder(transaction, row)))
          tally[await storeRow(transaction, table, row)] += 1;
      }, 'process-death');
    }
  }
  const notes = refused.size > 0 ? [`Not stored: ${refused.size} files that are not what they say.`] : [];
  return { tally, notes };
}

/** False for a file whose bytes do not match its media type. */
async function restoreFile(
  { database, files }: FileRestore,
  row: NewRow,
  content: ImportEntry,
  tally: Tally,
): Promise<boolean> {
  const received = await files.store.receive(await content.open(), content.sizeBytes);
  try {
    if (received.sha256 !== row.sha256 || kindOf(await received.read()) !== row.media_type) return false;
    await files.keepWith(received, async () => {
      const stored = await database.transaction((transaction) => storeRow(transaction, fileTable, row));
      tally[stored] += 1;
    });
    return true;
  } finally {
    await received.discard();
  }
}

/** Null for a file that no upload would accept. */
function kindOf(bytes: Buffer): string | null {
  try {
    return inspectFile(bytes).mediaType;
  } catch {
    // An upload would show the reason to its user; here the file is only counted.
    return null;
  }
}

async function hasHolder(transaction: WriteTransaction, use: NewRow): Promise<boolean> {
  for (const [column, table] of Object.entries(holderTables)) {
    const id = use[column] ?? null;
    if (id === null) continue;
    const row = await transaction
      .selectFrom(table)
      .select('id')
      .where('id', '=', String(id))
      .executeTakeFirst();
    return row !== undefined;
  }
  return false;
}
