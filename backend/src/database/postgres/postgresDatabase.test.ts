import { execFileSync } from 'node:child_process';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { postgresProgram } from '../../../test/postgres/postgresServer.ts';
import { postgresSettings } from '../../../test/postgres/postgresSettingsOf.ts';
import {
  describeWithPostgres,
  makeFreshDatabase,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from '../../../test/postgres/postgresTestDatabase.ts';
import { startWireProxy } from '../../../test/postgres/wireProxy.ts';
import { freePort } from '../../../test/proxies/proxyProgram.ts';
import { storeChat, storeMessage } from '../../../test/testDatabase.ts';
import { systemClock } from '../../clock.ts';
import { getMessage } from '../../store/messages.ts';
import type { WriteTransaction } from '../database.ts';
import { prepareQuery, type Slots } from '../preparedQuery.ts';
import type { OwnersTable } from '../schema.ts';
import { openPostgresDatabase } from './postgresDatabase.ts';
import { CommitUnknown } from './postgresFailures.ts';
import { lockNumber, migratePostgres } from './schema/migratePostgres.ts';

const insertOwner = prepareQuery((db, row: Slots<OwnersTable>) => db.insertInto('owners').values(row));
const addOwner = (transaction: WriteTransaction, id: string) =>
  insertOwner.change(transaction, { id, name: id, created_at_ms: 1 });

describeWithPostgres('a database in PostgreSQL', () => {
  let test: PostgresTestDatabase;
  let other: pg.Client;
  beforeEach(async () => {
    test = await openPostgresTestDatabase();
    other = new pg.Client({ connectionString: test.url });
    other.on('error', () => undefined);
    await other.connect();
  });
  afterEach(async () => {
    await other.end();
    await test.close();
  });

  const countOwners = async (id: string): Promise<number> =>
    (await other.query('SELECT count(*)::int AS count FROM owners WHERE id = $1', [id])).rows[0].count;

  /** Opens the same database through a proxy on the line. */
  async function openThroughProxy() {
    const proxy = await startWireProxy(test.url);
    const database = await openPostgresDatabase(postgresSettings(proxy.url, { directUrl: proxy.url }));
    return {
      proxy,
      database,
      async close() {
        await database.close();
        await proxy.close();
      },
    };
  }

  it('reads committed rows in each statement, whatever the server has as its default', async () => {
    const isolationOf = (db: WriteTransaction) =>
      sql<{ level: string }>`SELECT current_setting('transaction_isolation') AS level`.execute(db);
    const { rows } = await test.database.transaction(isolationOf);
    const client = await test.database.connect('control');
    const shown = await client.query('SHOW transaction_isolation');
    await client.end();
    expect((await other.query('SHOW transaction_isolation')).rows[0].transaction_isolation).toBe(
      'serializable',
    );
    expect([rows[0]?.level, shown.rows[0].transaction_isolation]).toEqual([
      'read committed',
      'read committed',
    ]);
  });

  it('waits for the disk of all servers, or of one, as the durability says', async () => {
    const settingOf = async (durability: 'power-loss' | 'process-death') =>
      (
        await test.database.transaction(
          (db) => sql<{ value: string }>`SELECT current_setting('synchronous_commit') AS value`.execute(db),
          durability,
        )
      ).rows[0]?.value;
    expect([await settingOf('power-loss'), await settingOf('process-death')]).toEqual(['on', 'local']);
  });

  it('returns integers and counts as numbers', async () => {
    const { rows } = await sql`SELECT 9007199254740991::bigint AS "big", count(*) AS "count",
      sum(created_at_ms) AS "sum" FROM owners`.execute(test.database.reader);
    expect(rows).toEqual([{ big: Number.MAX_SAFE_INTEGER, count: 1, sum: 1 }]);
  });

  it('stores a NUL as the sign for a character that is none', async () => {
    const { chatId } = await storeChat(test);
    const { id, content } = await storeMessage(test, chatId, { content: 'a\0b' });
    expect(content).toHaveLength(3);
    expect((await getMessage(test.database.reader, chatId, id)).content).toBe('a\uFFFDb');
  });

  it('retries work that conflicted with another transaction', async () => {
    const attempts: string[] = [];
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM owners WHERE id = 'local' FOR UPDATE`);
    await test.database.transaction(async (transaction) => {
      attempts.push('begun');
      if (attempts.length === 2) await other.query('ROLLBACK');
      await sql`SELECT 1 FROM owners WHERE id = 'local' FOR UPDATE NOWAIT`.execute(transaction);
      await addOwner(transaction, 'new');
    });
    expect([attempts.length, await countOwners('new')]).toEqual([2, 1]);
  });

  it('retries work whose connection was closed, and calls back once', async () => {
    const seen: string[] = [];
    await test.database.transaction(async (transaction, afterCommit) => {
      afterCommit(() => void seen.push('committed'));
      const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(transaction);
      await addOwner(transaction, 'new');
      if (seen.push('written') === 1)
        await other.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
    });
    expect([seen, await countOwners('new')]).toEqual([['written', 'written', 'committed'], 1]);
  });

  it('commits nothing when a statement failed, also one that the work did not wait for', async () => {
    const { database } = test;
    const swallowed = database.transaction(async (transaction) => {
      await addOwner(transaction, 'new');
      await addOwner(transaction, 'local').catch(() => undefined);
    });
    expect(database.failureOf(await swallowed.catch((error: unknown) => error))).toBe('duplicate');
    const unwaited = database.transaction(async (transaction) => {
      void addOwner(transaction, 'local').catch(() => undefined);
      await addOwner(transaction, 'new').catch(() => undefined);
    });
    expect(database.failureOf(await unwaited.catch((error: unknown) => error))).toBe('duplicate');
    expect(await countOwners('new')).toBe(0);
  });

  it('reports when it cannot know whether it has committed, and does not repeat the work', async () => {
    const { proxy, database, close } = await openThroughProxy();
    const attempts: string[] = [];
    const attempt = database.transaction(async (transaction) => {
      attempts.push('begun');
      await addOwner(transaction, 'new');
      proxy.loseAnswerTo('COMMIT');
    });
    const error = await attempt.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(CommitUnknown);
    expect([database.failureOf(error), attempts]).toEqual(['unavailable', ['begun']]);
    // The next one has another connection.
    await database.transaction((transaction) => addOwner(transaction, 'later'));
    expect([await countOwners('new'), await countOwners('later')]).toEqual([1, 1]);
    await close();
  });

  it('survives a connection that ends while it is made, and reads and writes on another', async () => {
    const { proxy, database, close } = await openThroughProxy();
    proxy.loseAnswerTo('pg_is_in_recovery');
    expect((await sql`SELECT 1 AS "one"`.execute(database.reader)).rows).toEqual([{ one: 1 }]);
    proxy.loseAnswerTo('pg_is_in_recovery');
    await database.transaction((transaction) => addOwner(transaction, 'new'));
    expect(await countOwners('new')).toBe(1);
    await close();
  });

  it('sends a transaction of independent statements in two trips, and reads again what a cut lost', async () => {
    const { proxy, database, close } = await openThroughProxy();
    const work = () =>
      database.transaction((transaction) =>
        Promise.all(['a', 'b', 'c'].map((id) => addOwner(transaction, `${id}${proxy.tripCount}`))),
      );
    await work();
    const before = proxy.tripCount;
    await work();
    expect(proxy.tripCount - before).toBe(2);
    proxy.loseAnswerTo('"owners"');
    const owners = await database.reader.selectFrom('owners').select('id').execute();
    expect(owners).toHaveLength(7);
    await close();
  });

  it('reads although every connection of the pool was closed and none has reported it yet', async () => {
    const readers = 3;
    const one = () => sql<{ one: number }>`SELECT 1 AS one, pg_sleep(0.05)`.execute(test.database.reader);
    await Promise.all(Array.from({ length: readers }, one));
    const ended = `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'rill % read'`;
    // This process hears of nothing while the other one runs.
    const count = execFileSync(postgresProgram('psql'), ['-XAtc', ended, test.url], { encoding: 'utf8' });
    expect(Number(count)).toBe(readers);
    expect((await one()).rows).toMatchObject([{ one: 1 }]);
  });

  it('works without named statements, and without session parameters that a pooler refuses', async () => {
    const database = await openPostgresDatabase(
      postgresSettings(`${test.url}?application_name=pooled`, {
        directUrl: test.url,
        hasNamedStatements: false,
      }),
    );
    await database.transaction((transaction) => addOwner(transaction, 'new'));
    const { rows } = await database.transaction((transaction) =>
      sql`SELECT name FROM pg_prepared_statements WHERE name <> ''`.execute(transaction),
    );
    await database.close();
    expect([rows, await countOwners('new')]).toEqual([[], 1]);
  });

  it('names every connection after the boot that it belongs to', async () => {
    const client = await test.database.connect('append');
    const { rows } = await client.query(`SELECT current_setting('application_name') AS name,
      current_setting('plan_cache_mode') AS plans, current_setting('enable_seqscan') AS scans`);
    await client.end();
    expect(rows).toEqual([
      { name: expect.stringMatching(/^rill [\w-]{36} append$/), plans: 'force_generic_plan', scans: 'off' },
    ]);
  });
});

describeWithPostgres('the migrations of PostgreSQL', () => {
  it('are run once when two processes start on an empty database', async () => {
    const fresh = await makeFreshDatabase();
    const admin = new pg.Client({ connectionString: fresh.url });
    await admin.connect();
    await admin.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const databases = await Promise.all([1, 2].map(() => openPostgresDatabase(postgresSettings(fresh.url))));
    const { rows } = await admin.query('SELECT name FROM kysely_migration');
    expect(rows).toEqual([
      { name: '0001-baseline' },
      { name: '0002-key-connections' },
      { name: '0003-node-addresses' },
    ]);
    for (const database of databases) await database.close();
    await admin.end();
    await fresh.giveBack(true);
  });

  it('say who holds their lock when that takes too long', async () => {
    const fresh = await makeFreshDatabase();
    const holder = new pg.Client({ connectionString: fresh.url, application_name: 'the holder' });
    const waiting = new pg.Client({ connectionString: fresh.url });
    await Promise.all([holder.connect(), waiting.connect()]);
    await holder.query('SELECT pg_advisory_lock($1)', [lockNumber]);
    const impatient = {
      ...systemClock,
      schedule: (_: number, callback: () => void) => {
        queueMicrotask(callback);
        return () => undefined;
      },
    };
    const migration = migratePostgres(
      ({ text, values }) => waiting.query(text, [...values]),
      impatient,
      '0.1.0',
    );
    await expect(migration).rejects.toThrow('"the holder" from 127.0.0.1');
    await Promise.all([holder.end(), waiting.end()]);
    await fresh.giveBack();
  });

  it.each([
    ['0.1.0', '0.1.0'],
    ['0.9.3', '0.9.0'],
    ['0.10.0', '0.9.0'],
  ])('leave what a newer version added to a node of %s, which needs %s', async (release, oldestRelease) => {
    const newer = await makeNewerDatabase(oldestRelease);
    const database = await openPostgresDatabase(postgresSettings(newer.url, { release }));
    expect(await newer.names()).toEqual([
      '0001-baseline',
      '0002-key-connections',
      '0003-node-addresses',
      '9999-later',
    ]);
    await database.close();
    await newer.close();
  });

  it.each([
    ['0.1.0', '0.2.0'],
    ['0.9.0', '0.10.0'],
  ])(
    'refuse, in one sentence, what a newer version made to a node of %s, which needs %s',
    async (release, oldestRelease) => {
      const newer = await makeNewerDatabase(oldestRelease);
      await expect(openPostgresDatabase(postgresSettings(newer.url, { release }))).rejects.toThrow(
        `This database was made by a newer version of Rill and needs at least ${oldestRelease}, while this is ${release};`,
      );
      expect(await newer.names()).toEqual([
        '0001-baseline',
        '0002-key-connections',
        '0003-node-addresses',
        '9999-later',
      ]);
      await newer.close();
    },
  );

  it('by another node stop no statement that is prepared: it is prepared again', async () => {
    const fresh = await makeFreshDatabase();
    const database = await openPostgresDatabase(postgresSettings(fresh.url));
    // Slow, so that every connection of the pools has it.
    const text = 'SELECT p.*, pg_sleep(0.02) FROM (SELECT 1) AS o LEFT JOIN projects AS p ON true';
    const readAll = () =>
      Promise.all(
        [1, 2, 3, 4].flatMap(() => [
          database.reader.prepared.all(text, []),
          database.transaction((transaction) => transaction.prepared.all(text, [])),
        ]),
      );
    await readAll();
    const admin = new pg.Client({ connectionString: fresh.url });
    await admin.connect();
    await admin.query('ALTER TABLE projects ADD COLUMN later_text text');
    const rows = (await readAll()).flat();
    expect(rows).toHaveLength(8);
    for (const row of rows) expect(row).toHaveProperty('later_text');
    await admin.end();
    await database.close();
    await fresh.giveBack(true);
  });

  it('say in one sentence, without the password, that a server cannot be reached', async () => {
    const port = await freePort();
    const attempt = openPostgresDatabase(postgresSettings(`postgres://user:secret@127.0.0.1:${port}/rill`));
    const error = await attempt.then(
      () => null,
      (cause: unknown) => cause as Error,
    );
    expect(error?.message).toMatch(/^The database at DATABASE_URL cannot be used: .*ECONNREFUSED/);
    expect(error?.message).not.toContain('secret');
  });
});

/** As a newer version leaves it, which only added to the schema since `oldestRelease`. */
async function makeNewerDatabase(oldestRelease: string) {
  const fresh = await makeFreshDatabase();
  const admin = new pg.Client({ connectionString: fresh.url });
  await admin.connect();
  await admin.query(`INSERT INTO kysely_migration VALUES ('9999-later', 'now')`);
  await admin.query('UPDATE rill_meta SET oldest_release = $1', [oldestRelease]);
  return {
    url: fresh.url,
    async names(): Promise<string[]> {
      const { rows } = await admin.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name');
      return rows.map(({ name }) => name);
    },
    async close() {
      await admin.end();
      await fresh.giveBack(true);
    },
  };
}
