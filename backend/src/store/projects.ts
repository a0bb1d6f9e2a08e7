/** Stores projects. Every query is scoped to the owner, so that no id gives access to another user's row. */
import { type CreateProject, type Project, RillError, type UpdateProject } from '@rill/protocol';
import type { Queryable } from '../database/database.ts';
import { prepareQuery, type Slots } from '../database/preparedQuery.ts';
import type { ProjectRow } from '../database/schema.ts';
import type { Page } from './readAllPages.ts';
import { requireName } from './requireName.ts';

export interface NewProject extends CreateProject {
  readonly id: string;
  readonly ownerId: string;
  readonly nowMs: number;
}

/** A page of an owner's projects, oldest first. */
export async function listProjects(db: Queryable, ownerId: string, page: Page<string>): Promise<Project[]> {
  const rows = await db
    .selectFrom('projects')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('id', '>', page.after ?? '')
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map(toProject);
}

const projectById = prepareQuery(
  (db, { id, ownerId }: Slots<{ readonly id: string; readonly ownerId: string }>) =>
    db.selectFrom('projects').selectAll().where('id', '=', id).where('owner_id', '=', ownerId),
);

/** Errors: not_found. */
export async function getProject(db: Queryable, ownerId: string, id: string): Promise<Project> {
  const row = await projectById.first(db, { id, ownerId });
  if (!row) throw new RillError('not_found', { message: 'This project does not exist.' });
  return toProject(row);
}

export async function insertProject(db: Queryable, project: NewProject): Promise<Project> {
  const row: ProjectRow = {
    id: project.id,
    owner_id: project.ownerId,
    name: requireName(project.name, 'name'),
    system_prompt: project.systemPrompt ?? null,
    default_model: project.defaultModel ?? null,
    options_json: project.options ? JSON.stringify(project.options) : null,
    timeouts_json: project.timeouts ? JSON.stringify(project.timeouts) : null,
    created_at_ms: project.nowMs,
    updated_at_ms: project.nowMs,
  };
  await db.insertInto('projects').values(row).execute();
  return toProject(row);
}

/** Changes the given fields. Errors: not_found. */
export async function updateProject(
  db: Queryable,
  ownerId: string,
  id: string,
  change: UpdateProject,
  nowMs: number,
): Promise<Project> {
  await db
    .updateTable('projects')
    .set({
      updated_at_ms: nowMs,
      ...(change.name !== undefined && { name: requireName(change.name, 'name') }),
      ...(change.systemPrompt !== undefined && { system_prompt: change.systemPrompt }),
      ...(change.defaultModel !== undefined && { default_model: change.defaultModel }),
      ...(change.options !== undefined && {
        options_json: change.options ? JSON.stringify(change.options) : null,
      }),
      ...(change.timeouts !== undefined && {
        timeouts_json: change.timeouts ? JSON.stringify(change.timeouts) : null,
      }),
    })
    .where('id', '=', id)
    .where('owner_id', '=', ownerId)
    .execute();
  return getProject(db, ownerId, id);
}

/** Deletes the project and, by cascade, its chats. Errors: not_found. */
export async function deleteProject(db: Queryable, ownerId: string, id: string): Promise<void> {
  const result = await db
    .deleteFrom('projects')
    .where('id', '=', id)
    .where('owner_id', '=', ownerId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) {
    throw new RillError('not_found', { message: 'This project does not exist.' });
  }
}

function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    systemPrompt: row.system_prompt,
    defaultModel: row.default_model,
    options: row.options_json === null ? null : (JSON.parse(row.options_json) as Project['options']),
    timeouts: row.timeouts_json === null ? null : (JSON.parse(row.timeouts_json) as Project['timeouts']),
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
