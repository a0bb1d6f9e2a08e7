/** Creates what a new database needs: the local owner and one project, which a restored archive replaces. */
import type { Queryable } from '../database/database.ts';
import { insertProject } from './projects.ts';

/** The only owner, as there are no accounts. */
export const localOwnerId = 'local';

const firstProjectName = 'My project';

/** Does nothing if the database has the local owner already, or another process inserts it at the same time. */
export async function seedDatabase(
  db: Queryable,
  made: { readonly projectId: string; readonly nowMs: number },
): Promise<void> {
  const known = await db.selectFrom('owners').select('id').where('id', '=', localOwnerId).executeTakeFirst();
  if (known) return;
  const inserted = await db
    .insertInto('owners')
    .values({ id: localOwnerId, name: 'Local', created_at_ms: made.nowMs })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return;
  await insertProject(db, {
    id: made.projectId,
    ownerId: localOwnerId,
    name: firstProjectName,
    nowMs: made.nowMs,
  });
}

/** Deletes the project of a new database in favour of another one, if it is the only one and unused. */
export async function deletePristineProject(db: Queryable, ownerId: string, otherId: string): Promise<void> {
  const projects = await db
    .selectFrom('projects')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .limit(2)
    .execute();
  const [project] = projects;
  if (!project || projects.length > 1 || project.id === otherId || project.name !== firstProjectName) return;
  const { created_at_ms, updated_at_ms, system_prompt, default_model, options_json } = project;
  if (created_at_ms !== updated_at_ms || system_prompt || default_model || options_json) return;
  for (const table of ['chats', 'drafts', 'prompts', 'budgets', 'file_uses'] as const) {
    const used = await db
      .selectFrom(table)
      .select('project_id')
      .where('project_id', '=', project.id)
      .limit(1)
      .executeTakeFirst();
    if (used) return;
  }
  await db.deleteFrom('projects').where('id', '=', project.id).execute();
}
