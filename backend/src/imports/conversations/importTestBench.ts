/** Runs imports of conversations on a real database: each call counts and stores one body, and gives its report. */
import { Readable } from 'node:stream';
import type { ImportItem, ImportJob } from '@rill/protocol';
import { v7 } from 'uuid';
import type { TestDatabase } from '../../../test/testDatabase.ts';
import { systemClock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import { createFileService } from '../../files/fileService.ts';
import { openFolderFileStore } from '../../files/folderFileStore.ts';
import { growingIds } from '../../growingIds.ts';
import { getImport, listReport } from '../../store/imports.ts';
import { localOwnerId } from '../../store/seed.ts';
import { ImportJobs } from '../job/importJobs.ts';
import { createSpool } from '../job/spool.ts';
import { createConversationImporters } from './conversationImporter.ts';

const maxBytes = 1e9;

export async function openImports(
  test: Pick<TestDatabase, 'dataDirectory'> & { readonly database: Database },
  newId: () => string = v7,
) {
  const store = await openFolderFileStore(`${test.dataDirectory}/files`);
  const parts = { database: test.database, clock: systemClock, newId: growingIds(newId, null) };
  const dependencies = { ...parts, files: createFileService({ ...parts, store }) };
  const jobs = new ImportJobs({
    ...dependencies,
    spool: createSpool(`${test.dataDirectory}/imports`, maxBytes),
    loadImporters: async () => createConversationImporters(dependencies),
    maxBytes,
    bootId: 'this-boot',
    onStored: () => undefined,
    logger: { warn: () => undefined },
  });
  return {
    files: dependencies.files,
    async run(body: Buffer | string): Promise<{ job: ImportJob; items: ImportItem[] }> {
      const { id: importId } = await jobs.create({
        ownerId: localOwnerId,
        name: 'export.json',
        body: Readable.from([Buffer.from(body)]),
        signal: new AbortController().signal,
        isStarted: true,
      });
      await jobs.whenIdle();
      const { reader } = test.database;
      const job = await getImport(reader, { ownerId: localOwnerId, importId });
      const { items } = await listReport(reader, importId, { limit: 1000 });
      return { job, items };
    },
  };
}
