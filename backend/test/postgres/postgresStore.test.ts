import { describeChats } from '../store/chatsContract.ts';
import { describeDatabase } from '../store/databaseContract.ts';
import { describeFiles } from '../store/filesContract.ts';
import { describeManyChats } from '../store/manyChatsContract.ts';
import { describeMessages } from '../store/messagesContract.ts';
import { describeMessageTree } from '../store/messageTreeContract.ts';
import { describeModels } from '../store/modelsContract.ts';
import { describePages } from '../store/pagesContract.ts';
import { describeRunLeases } from '../store/runLeasesContract.ts';
import { describeUnsent } from '../store/unsentContract.ts';
import { describeUsageLookups } from '../store/usageLookupsContract.ts';
import { describeWithPostgres, openPostgresTestDatabase } from './postgresTestDatabase.ts';

describeWithPostgres('the store in PostgreSQL', () => {
  describeDatabase(openPostgresTestDatabase);
  describeChats(openPostgresTestDatabase);
  describeManyChats(openPostgresTestDatabase);
  describeMessages(openPostgresTestDatabase);
  describeMessageTree(openPostgresTestDatabase);
  describeUsageLookups(openPostgresTestDatabase);
  describeRunLeases(openPostgresTestDatabase);
  describeModels(openPostgresTestDatabase);
  describePages(openPostgresTestDatabase);
  describeUnsent(openPostgresTestDatabase);
  describeFiles(openPostgresTestDatabase);
});
