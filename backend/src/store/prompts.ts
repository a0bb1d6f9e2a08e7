/** Stores the prompts that users saved. Their texts are stored unchanged. */
import { type CreatePrompt, maxPrompts, type Prompt, RillError, type UpdatePrompt } from '@rill/protocol';
import type { Queryable } from '../database/database.ts';
import type { PromptRow } from '../database/promptsTable.ts';
import { requireName } from './requireName.ts';

export interface PromptPage {
  readonly prompts: Prompt[];
  readonly nextPageToken: string | null;
}

/** Oldest first: later ids sort after earlier ones, so the last one is the page token. */
export async function listPrompts(
  db: Queryable,
  ownerId: string,
  { limit, pageToken }: { readonly limit: number; readonly pageToken?: string },
): Promise<PromptPage> {
  const rows = await db
    .selectFrom('prompts')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('id', '>', pageToken ?? '')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return {
    prompts: page.map(toPrompt),
    nextPageToken: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/**
 * Saves a prompt, or returns the existing one with its id. Errors: bad_request beyond the limit and for a blank name,
 * idempotency_mismatch for an id of another user.
 */
export async function insertPrompt(
  db: Queryable,
  ownerId: string,
  { name, content, projectId = null }: CreatePrompt,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<Prompt> {
  const known = await db.selectFrom('prompts').selectAll().where('id', '=', id).executeTakeFirst();
  if (known && known.owner_id !== ownerId) throw new RillError('idempotency_mismatch');
  if (known) return toPrompt(known);
  const { count } = await db
    .selectFrom('prompts')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow();
  if (Number(count) >= maxPrompts)
    throw new RillError('bad_request', { message: `No more than ${maxPrompts} prompts can be saved.` });
  const row: PromptRow = {
    id,
    owner_id: ownerId,
    project_id: projectId,
    name: requireName(name, 'name'),
    content: content.toWellFormed(),
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
  };
  await db.insertInto('prompts').values(row).execute();
  return toPrompt(row);
}

/** Errors: not_found, also for a prompt of another user; bad_request for a blank name. */
export async function updatePrompt(
  db: Queryable,
  { ownerId, promptId }: { readonly ownerId: string; readonly promptId: string },
  { name, content, projectId }: UpdatePrompt,
  nowMs: number,
): Promise<Prompt> {
  const row = await db
    .updateTable('prompts')
    .set({
      ...(name !== undefined && { name: requireName(name, 'name') }),
      ...(content !== undefined && { content: content.toWellFormed() }),
      ...(projectId !== undefined && { project_id: projectId }),
      updated_at_ms: nowMs,
    })
    .where('id', '=', promptId)
    .where('owner_id', '=', ownerId)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw noPrompt();
  return toPrompt(row);
}

/** Errors: not_found, also for a prompt of another user. */
export async function deletePrompt(
  db: Queryable,
  { ownerId, promptId }: { readonly ownerId: string; readonly promptId: string },
): Promise<void> {
  const row = await db
    .deleteFrom('prompts')
    .where('id', '=', promptId)
    .where('owner_id', '=', ownerId)
    .returning('id')
    .executeTakeFirst();
  if (!row) throw noPrompt();
}

const noPrompt = () => new RillError('not_found', { message: 'This prompt does not exist.' });

const toPrompt = (row: PromptRow): Prompt => ({
  id: row.id,
  name: row.name,
  content: row.content,
  projectId: row.project_id,
  createdAtMs: Number(row.created_at_ms),
  updatedAtMs: Number(row.updated_at_ms),
});
