import type pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresSettings } from '../../../test/postgres/postgresSettingsOf.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../../../test/postgres/postgresTestDatabase.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../database/postgres/postgresDatabase.ts';
import { seedDatabase } from '../../store/seed.ts';
import { numberArray, textArray } from './arrayLiterals.ts';
import { logStatements } from './logStatements.ts';

/** Every plan is made with statistics of a time when there were a few runs and no event. */
describeWithPostgres('with old statistics', () => {
  let fresh: FreshDatabase;
  let database: PostgresDatabase;
  const projectId = newId();
  let ids: string[];
  beforeAll(async () => {
    fresh = await makeFreshDatabase();
    database = await openPostgresDatabase(postgresSettings(fresh.url));
    await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
    ids = Array.from({ length: 10_000 }, () => newId());
    const client = await database.connect('control');
    await client.query('ALTER TABLE runs SET (autovacuum_enabled = off)');
    await client.query('ALTER TABLE run_events_0 SET (autovacuum_enabled = off)');
    await insertRuns(client, ids.slice(0, 20));
    await client.query('ANALYZE runs');
    await client.query('ANALYZE run_events_0');
    for (let from = 20; from < ids.length; from += 1000)
      await insertRuns(client, ids.slice(from, from + 1000));
    await client.query(
      `INSERT INTO run_events_0 SELECT id, 1, 'chunk', '{}', 0, 0 FROM unnest($1::text[]) AS r(id)`,
      [ids],
    );
    await client.end();
  });
  afterAll(async () => {
    await database.close();
    await fresh.giveBack(true);
  });

  async function insertRuns(client: pg.Client, some: readonly string[]): Promise<void> {
    await client.query(
      `INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms)
       SELECT id, 'local', $2, '', 1, 1 FROM unnest($1::text[]) AS c(id)`,
      [some, projectId],
    );
    await client.query(
      `INSERT INTO runs (id, owner_id, project_id, chat_id, message_id, state, model, settings_json, boot_id, epoch,
         lease_expires_at_ms, created_at_ms)
       SELECT id, 'local', $2, id, id, 'streaming', 'demo/quick', '{}', 'boot', 1, 1, 1 FROM unnest($1::text[]) AS r(id)`,
      [some, projectId],
    );
  }

  /** The plan that the statement has on its connection from the first time on. */
  async function planOf(
    purpose: 'append' | 'tail',
    types: string,
    text: string,
    values: readonly (string | number)[],
  ): Promise<string> {
    const client = await database.connect(purpose);
    try {
      await client.query(`PREPARE planned (${types}) AS ${text}`);
      const literals = values.map((value) =>
        typeof value === 'number' ? value : client.escapeLiteral(value),
      );
      const { rows } = await client.query(`EXPLAIN EXECUTE planned (${literals.join()})`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await client.end();
    }
  }

  const newest = (count: number) => textArray(ids.slice(-count));
  const ones = (count: number) => numberArray(Array.from({ length: count }, () => 1));
  const repeated = (count: number, word: string) => textArray(Array.from({ length: count }, () => word));

  it.each([1, 1000])('an append to %i runs finds each by its key', async (count) => {
    const types = 'text, text[], int[], text[], int[], text[], text[], int[], int[]';
    const rows = [
      newest(count),
      ones(count),
      repeated(count, 'chunk'),
      repeated(count, '{}'),
      ones(count),
      ones(count),
    ];
    for (const text of [logStatements.append(0), logStatements.repeat(0)]) {
      const plan = await planOf('append', types, text, ['boot', newest(count), ones(count), ...rows]);
      expect(plan).toMatch(/Index Scan using runs_pkey on runs/);
      expect(plan).not.toMatch(/Seq Scan on (runs|nodes|fence_wishes)/);
    }
  });

  it.each([1, 1000])('a comparison of %i events finds each by its key', async (count) => {
    const values = [newest(count), ones(count), repeated(count, 'chunk'), repeated(count, '{}')];
    const plan = await planOf('append', 'text[], int[], text[], text[]', logStatements.compare(0), values);
    expect(plan).toMatch(/Index Scan using run_events_0_pkey/);
    expect(plan).not.toContain('Seq Scan');
  });

  it.each([1, 1000])('a look at what follows in %i runs walks the key of each', async (count) => {
    const positions = [newest(count), ones(count)];
    const plans = [
      await planOf('tail', 'text[], int[], int', logStatements.after(0), [...positions, 200]),
      await planOf('tail', 'text[], int[], int, int', logStatements.page(0), [...positions, 500, 65_536]),
      await planOf('tail', 'text[]', logStatements.measure(0), [newest(count)]),
    ];
    for (const plan of plans) {
      expect(plan).toMatch(
        /Index (Only )?Scan using run_events_0_pkey|Bitmap Index Scan on run_events_0_pkey/,
      );
      expect(plan).not.toContain('Seq Scan');
    }
    // In the order of the key, so that nothing is sorted.
    expect(plans[0]).not.toContain('Sort');
  });
});
