/** Holds what the store must do: `describeStore` runs the same suite on any engine that it is given. */
import { describe } from 'vitest';
import { describeChats } from './store/chatsContract.ts';
import { describeDatabase } from './store/databaseContract.ts';
import { describeFiles } from './store/filesContract.ts';
import { describeManyChats } from './store/manyChatsContract.ts';
import { describeMessages } from './store/messagesContract.ts';
import { describeMessageTree } from './store/messageTreeContract.ts';
import { describeModels } from './store/modelsContract.ts';
import { describePages } from './store/pagesContract.ts';
import { describeRunLeases } from './store/runLeasesContract.ts';
import { describeSearch } from './store/searchContract.ts';
import { describeUnsent } from './store/unsentContract.ts';
import { describeUsageLookups } from './store/usageLookupsContract.ts';
import type { OpenDatabase } from './testDatabase.ts';

/** `open` gives a fresh database with the first rows. */
export function describeStore(name: string, open: () => Promise<OpenDatabase>): void {
  describe(name, () => {
    describeDatabase(open);
    describeChats(open);
    describeManyChats(open);
    describeMessages(open);
    describeMessageTree(open);
    describeUsageLookups(open);
    describeRunLeases(open);
    describeModels(open);
    describePages(open);
    describeSearch(open);
    describeUnsent(open);
    describeFiles(open);
  });
}
