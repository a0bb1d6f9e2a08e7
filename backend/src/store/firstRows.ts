/** What every database holds before anyone did anything: the local owner and one project. */
import type { Queryable } from '../database/sqliteDatabase.ts';
import { insertProject } from './projects.ts';

/** The one owner while no accounts are configured. */
export const localOwnerId = 'local';

/** Makes the local owner and a first project in a fresh database; changes nothing in a used one. */
export async function ensureFirstRows(
  db: Queryable,
  made: { readonly projectId: string; readonly nowMs: number },
): Promise<void> {
  const known = await db.selectFrom('owners').select('id').where('id', '=', localOwnerId).executeTakeFirst();
  if (known) return;
  await db
    .insertInto('owners')
    .values({ id: localOwnerId, name: 'Local', created_at_ms: made.nowMs })
    .execute();
  await insertProject(db, {
    id: made.projectId,
    ownerId: localOwnerId,
    name: 'My project',
    nowMs: made.nowMs,
  });
}
