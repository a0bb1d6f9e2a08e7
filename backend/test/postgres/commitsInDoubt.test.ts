import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { CommitUnknown } from '../../src/database/postgres/postgresFailures.ts';
import { type CommitCutter, startCommitCutter } from './cutCommits.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import {
  describeWithPostgres,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from './postgresTestDatabase.ts';

describeWithPostgres('a transaction whose commit got no answer', () => {
  let test: PostgresTestDatabase;
  let cutter: CommitCutter;
  let database: PostgresDatabase;
  beforeEach(async () => {
    test = await openPostgresTestDatabase();
    const address = new URL(test.url);
    cutter = await startCommitCutter(Number(address.port));
    address.port = String(cutter.port);
    database = await openPostgresDatabase(postgresSettings(address.href));
  });
  afterEach(async () => {
    await database.close();
    await cutter.close();
    await test.close();
  });

  const attempts = { count: 0 };
  /** Stores an owner, and says after the commit that it did. */
  const store = (said: string[], wasCommitted?: Parameters<PostgresDatabase['transaction']>[2]) => {
    attempts.count = 0;
    return database.transaction(
      async (transaction, afterCommit) => {
        attempts.count += 1;
        await sql`INSERT INTO owners VALUES ('new', 'New', 1)`.execute(transaction);
        afterCommit(() => said.push('stored'));
        return 'result';
      },
      'power-loss',
      wasCommitted,
    );
  };
  const isThere: Parameters<PostgresDatabase['transaction']>[2] = async (reader) =>
    (await reader.selectFrom('owners').select('id').where('id', '=', 'new').execute()).length > 0;

  it('counts as done when what it wrote is there, and what follows a commit follows it', async () => {
    const said: string[] = [];
    cutter.cutNext('after');
    expect(await store(said, isThere)).toBe('result');
    expect([cutter.cuts, attempts.count, said]).toEqual([1, 1, ['stored']]);
  });

  it('is done again when what it wrote is not there', async () => {
    const said: string[] = [];
    cutter.cutNext('before');
    expect(await store(said, isThere)).toBe('result');
    expect([cutter.cuts, attempts.count, said]).toEqual([1, 2, ['stored']]);
    expect(await isThere(test.database.reader)).toBe(true);
  });

  it('is an error of its own where nothing says how to find out', async () => {
    const said: string[] = [];
    cutter.cutNext('after');
    await expect(store(said)).rejects.toBeInstanceOf(CommitUnknown);
    expect([attempts.count, said]).toEqual([1, []]);
  });
});
