import { describeStore } from '../storeContract.ts';
import { describeWithPostgres, openPostgresTestDatabase } from './postgresTestDatabase.ts';

describeWithPostgres('on PostgreSQL', () => {
  describeStore('the store', openPostgresTestDatabase);
});
