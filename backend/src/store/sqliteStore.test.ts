import { describeStore } from '../../test/storeContract.ts';
import { openTestDatabase } from '../../test/testDatabase.ts';

describeStore('the store in SQLite', openTestDatabase);
