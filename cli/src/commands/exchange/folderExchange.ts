/**
 * Opens a data folder that no running Rill uses, for export and import. It continues no answer and calls no provider:
 * that is left to the next start.
 */
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { createImports } from '../../../../backend/src/archive/createImports.ts';
import { writeArchive } from '../../../../backend/src/archive/writeArchive.ts';
import { systemClock as clock } from '../../../../backend/src/clock.ts';
import type { Config } from '../../../../backend/src/config.ts';
import { FolderHeld } from '../../../../backend/src/database/sqlite/files/refusals.ts';
import {
  openSqliteDatabase,
  type SqliteDatabase,
} from '../../../../backend/src/database/sqlite/sqliteDatabase.ts';
import { createFileService } from '../../../../backend/src/files/fileService.ts';
import { openFolderFileStore } from '../../../../backend/src/files/folderFileStore.ts';
import { growingIds } from '../../../../backend/src/growingIds.ts';
import type { ImportJobs } from '../../../../backend/src/imports/job/importJobs.ts';
import { createNewId } from '../../../../backend/src/newId.ts';
import { getImport, listReport } from '../../../../backend/src/store/imports.ts';
import { findLastId } from '../../../../backend/src/store/lastId.ts';
import { localOwnerId as ownerId, seedDatabase } from '../../../../backend/src/store/seed.ts';
import type { DataExchange } from './dataExchange.ts';

type FolderConfig = Pick<Config, 'dataDirectory' | 'maxImportBytes'>;

const reportPageSize = 200;

/** Null when another process holds the folder. Errors: throws one sentence when it cannot be used. */
export async function openFolderExchange(config: FolderConfig): Promise<DataExchange | null> {
  const database = await openSqliteDatabase(config.dataDirectory).catch((error: unknown) => {
    if (error instanceof FolderHeld) return null;
    throw error;
  });
  if (!database) return null;
  const makeId = createNewId(clock);
  await database.transaction((transaction) =>
    seedDatabase(transaction, { projectId: makeId(), nowMs: clock.nowMs() }),
  );
  const newId = growingIds(makeId, await findLastId(database.reader));
  const store = await openFolderFileStore(join(config.dataDirectory, 'files'));
  const files = createFileService({ store, database, clock, newId });
  const imports = createImports({
    ...{ config, database, files, clock, newId },
    bootId: newId(),
    feeds: { reset: () => undefined },
    logger: { warn: (_fields, message) => process.stderr.write(`${message}\n`) },
  });
  return toExchange(database, {
    imports,
    exportArchive: async () => writeArchive({ database, files: store, ownerId }),
  });
}

function toExchange(
  database: SqliteDatabase,
  { imports, exportArchive }: Pick<DataExchange, 'exportArchive'> & { readonly imports: ImportJobs },
): DataExchange {
  const { reader } = database;
  return {
    exportArchive,
    createImport: ({ file, name = '', start = false }) => {
      const body = Readable.from(file.stream());
      return imports.create({ ownerId, name, body, isStarted: start, signal: new AbortController().signal });
    },
    startImport: ({ importId, projectId }) =>
      imports.start({ ownerId, importId }, { ...(projectId && { projectId }) }),
    getImport: ({ importId }) => getImport(reader, { ownerId, importId }),
    getImportReport: ({ importId, outcome, limit = reportPageSize, pageToken }) =>
      listReport(reader, importId, { limit, ...(outcome && { outcome }), ...(pageToken && { pageToken }) }),
    async close() {
      await imports.close();
      await database.close();
    },
  };
}
