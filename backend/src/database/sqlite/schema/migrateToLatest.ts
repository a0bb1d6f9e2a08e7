/** Brings a SQLite file to this version's schema. The migrations are loaded only if one has to run. */
import type { Kysely } from 'kysely';
import type { DatabaseSchema } from '../../schema.ts';
import type { Statements } from '../statements.ts';
import { migrationNames } from './migrationNames.ts';

type Migrated = Kysely<DatabaseSchema> & { readonly statements: Statements };

/** Errors: throws one sentence when the database was made by a newer version or a migration fails. */
export async function migrateToLatest(db: Migrated): Promise<void> {
  if (isLatest(db)) return;
  const { migrate } = await import('./migrations.ts');
  await migrate(db);
}

function isLatest({ statements }: Migrated): boolean {
  const table = statements.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'`);
  if (!table.firstRow([])) return false;
  const applied = statements.prepare('SELECT name FROM kysely_migration ORDER BY name').allRows([]);
  return (
    applied.length === migrationNames.length &&
    applied.every(({ name }, index) => name === migrationNames[index])
  );
}
