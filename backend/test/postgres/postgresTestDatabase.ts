/** Makes fresh databases in the PostgreSQL that all test files share. Where there is none, it says so. */
import { v7 as newId } from 'uuid';
import { beforeAll, describe, inject, it } from 'vitest';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import type { PostgresSettings } from '../../src/database/postgres/postgresSettings.ts';
import { seedDatabase } from '../../src/store/seed.ts';
import type { OpenDatabase } from '../testDatabase.ts';
import { hasPostgres } from './postgresServer.ts';
import { postgresSettings } from './postgresSettingsOf.ts';

export interface PostgresTestDatabase extends OpenDatabase {
  readonly database: PostgresDatabase;
  /** For processes and pools of their own on the same database. */
  readonly url: string;
}

/** The suite runs where PostgreSQL is installed; elsewhere one test says that it is missing, and fails where it is needed. */
export function describeWithPostgres(name: string, suite: () => void): void {
  if (hasPostgres) {
    describe(name, () => {
      // The first of all files waits for the server to start.
      beforeAll(async () => (await makeFreshDatabase()).giveBack(), 120_000);
      suite();
    });
    return;
  }
  it(`${name}: needs PostgreSQL`, (context) => {
    if (process.env.RILL_NEEDS_POSTGRES) throw new Error('PostgreSQL is needed and not installed.');
    context.skip('PostgreSQL is not installed (Debian: postgresql-15).');
  });
}

export interface FreshDatabase {
  readonly url: string;
  /** `isAltered` when a test changed its tables: else another test is given it, emptied. */
  giveBack(isAltered?: boolean): Promise<void>;
}

/** A migrated database without a row. */
export async function makeFreshDatabase(): Promise<FreshDatabase> {
  const maker = `http://127.0.0.1:${inject('postgresMaker')}`;
  const response = await fetch(maker, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  const { url, name, loan } = (await response.json()) as { url: string; name: string; loan: number };
  return {
    url,
    async giveBack(isAltered = false) {
      await fetch(`${maker}/${name}?loan=${loan}${isAltered ? '&altered' : ''}`, { method: 'DELETE' });
    },
  };
}

/** A database with the first rows; closing it deletes it. */
export async function openPostgresTestDatabase(
  changes: Partial<PostgresSettings> = {},
): Promise<PostgresTestDatabase> {
  const fresh = await makeFreshDatabase();
  const database = await openPostgresDatabase(postgresSettings(fresh.url, changes));
  const projectId = newId();
  await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  return {
    database,
    projectId,
    url: fresh.url,
    async close() {
      await database.close();
      await fresh.giveBack();
    },
  };
}
