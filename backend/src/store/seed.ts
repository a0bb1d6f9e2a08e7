/** Creates what a fresh database needs: the local owner and one project. */
import type { Queryable } from '../database/database.ts';
import { insertProject } from './projects.ts';

/** The one owner while no accounts are configured. */
export const localOwnerId = 'local';

/** Changes nothing in a database that has the local owner already. */
export async function seedDatabase(
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
