/**
 * `rill move`: moves all rows of the data folder's database into a Postgres, or back. The target gets all of it or
 * nothing, and the source stays as it is. Files stay in the data folder.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { readConfig } from '../../../backend/src/config.ts';
import type { Database } from '../../../backend/src/database/database.ts';
import { moveDatabase } from '../../../backend/src/database/move/moveDatabase.ts';
import { openPostgresDatabase } from '../../../backend/src/database/postgres/postgresDatabase.ts';
import { openSqliteDatabase } from '../../../backend/src/database/sqlite/sqliteDatabase.ts';
import { version } from '../../../backend/src/version.ts';

const usage = `rill move --to postgres://user:password@host:5432/rill
rill move --from postgres://user:password@host:5432/rill

Moves what is in the database of RILL_DATA_DIR to an empty Postgres, or from there to a data folder without a database.
Rill must not run meanwhile. Each table is compared by its number of rows and a digest before anything is stored. Files
stay where they are: keep RILL_DATA_DIR, then set DATABASE_URL, or take it away.`;

/** Resolves with the exit code. Errors: throws one sentence; the target is empty then. */
export async function moveData([direction = '--help', address = '']: readonly string[]): Promise<number> {
  if (direction === '--help') {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const isPostgres = /^postgres(ql)?:$/.test(URL.parse(address)?.protocol ?? '');
  if ((direction !== '--to' && direction !== '--from') || !isPostgres) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const { dataDirectory } = readConfig();
  const hasFile = existsSync(join(dataDirectory, 'rill.sqlite'));
  if (direction === '--to' && !hasFile)
    throw new Error(`There is no database in ${dataDirectory}: set RILL_DATA_DIR.`);
  const postgres = await openPostgresDatabase({
    ...{ url: address, directUrl: address, bootId: randomUUID(), hasNamedStatements: true },
    ...{ release: version, readers: 1, writers: 1 },
  });
  try {
    const folder = await openSqliteDatabase(dataDirectory);
    try {
      const [from, to]: Database[] = direction === '--to' ? [folder, postgres] : [postgres, folder];
      if (from && to) await moveAll(from, to);
    } finally {
      await folder.close();
    }
  } finally {
    await postgres.close();
  }
  return 0;
}

async function moveAll(from: Database, to: Database): Promise<void> {
  await moveDatabase({
    from,
    to,
    onMoved: ({ table, count, digest }) =>
      void process.stdout.write(`${table}: ${count} rows, ${digest.slice(0, 16)}\n`),
  });
  process.stdout.write('All of it is in the target, which was compared with the source.\n');
}
