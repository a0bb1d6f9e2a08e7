/** Reads the database without changing it: whether it is intact, and of a version that this Rill can open. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Config, PostgresConfig } from '../../../../backend/src/config.ts';
import { migrationNames } from '../../../../backend/src/database/sqlite/schema/migrationNames.ts';
import { version } from '../../../../backend/src/version.ts';
import type { Finding } from './finding.ts';

/** How long a lock of the server is waited for, in milliseconds. */
const lockLimitMs = 5000;

export async function checkDatabase({
  dataDirectory,
  postgres,
}: Pick<Config, 'dataDirectory' | 'postgres'>): Promise<Finding> {
  const subject = 'Database';
  if (postgres) return { subject, ...(await lookAtPostgres(postgres)) };
  const path = join(dataDirectory, 'rill.sqlite');
  if (!existsSync(path))
    return { level: 'ok', subject, found: 'There is none yet; the first start makes it.' };
  try {
    const { unknown, missing, damage, chats } = readFacts(path);
    if (damage !== null) throw new Error(damage);
    if (unknown.length > 0) {
      return {
        level: 'problem',
        subject,
        found: 'It was made by a newer version of Rill.',
        advice: 'Start that version, or set RILL_DATA_DIR to another folder.',
      };
    }
    const found = `It is whole and has ${chats} chats.`;
    if (missing === 0) return { level: 'ok', subject, found };
    return {
      level: 'warning',
      subject,
      found: `${found} The next start brings it up to date.`,
      advice: 'Make a copy first: rill backup FILE. An older Rill does not open it afterwards.',
    };
  } catch (error) {
    return {
      level: 'problem',
      subject,
      found: `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      advice: `Stop Rill, keep a copy of ${path}, and put back the last whole backup.`,
    };
  }
}

async function lookAtPostgres(postgres: PostgresConfig): Promise<Pick<Finding, 'level' | 'found'>> {
  const { probePostgres } = await import('../../../../backend/src/database/postgres/postgresDatabase.ts');
  try {
    const serverVersion = await probePostgres({ ...postgres, bootId: 'doctor', release: version });
    return { level: 'ok', found: `It is PostgreSQL ${serverVersion}, and can be used.` };
  } catch (error) {
    return { level: 'problem', found: error instanceof Error ? error.message : String(error) };
  }
}

/** What is in the file. Errors: those of SQLite. */
function readFacts(path: string) {
  const database = new DatabaseSync(path, { readOnly: true, timeout: lockLimitMs });
  try {
    const check = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
    const applied = database
      .prepare('SELECT name FROM kysely_migration')
      .all()
      .map(({ name }) => String(name));
    const chats = Number(database.prepare('SELECT count(*) AS count FROM chats').get()?.count);
    return {
      damage: check === 'ok' ? null : check,
      unknown: applied.filter((name) => !migrationNames.includes(name)),
      missing: migrationNames.filter((name) => !applied.includes(name)).length,
      chats,
    };
  } finally {
    database.close();
  }
}
