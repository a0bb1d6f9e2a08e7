/**
 * Creates the import service of a data folder with every source that Rill can read, for the server and for the command
 * line.
 */
import { join } from 'node:path';
import type { FileService } from '../files/fileService.ts';
import { type ImportDependencies, ImportJobs } from '../imports/job/importJobs.ts';
import { createSpool } from '../imports/job/spool.ts';

export interface ImportsOptions
  extends Pick<ImportDependencies, 'database' | 'clock' | 'newId' | 'bootId' | 'logger'> {
  readonly config: { readonly dataDirectory: string; readonly maxImportBytes: number };
  readonly files: FileService;
  /** Tells readers to reload after an import. */
  readonly feeds: { reset(ownerId: string): void };
}

export function createImports({ config, files, feeds, ...dependencies }: ImportsOptions): ImportJobs {
  const { database, clock, newId } = dependencies;
  return new ImportJobs({
    ...dependencies,
    spool: createSpool(join(config.dataDirectory, 'imports'), config.maxImportBytes),
    async loadImporters() {
      const [{ createArchiveImporter }, { createConversationImporters }] = await Promise.all([
        import('./archiveImporter.ts'),
        import('../imports/conversations/conversationImporter.ts'),
      ]);
      const ofOthers = createConversationImporters({ database, clock, newId, files });
      return [createArchiveImporter(database, files), ...ofOthers];
    },
    maxBytes: config.maxImportBytes,
    onStored: (ownerId) => feeds.reset(ownerId),
  });
}
