/** Stores imports and their reports. Every look-up by an id from a request is scoped to the owner. */
import {
  type ImportCount,
  type ImportItem,
  type ImportJob,
  type ImportOutcome,
  type ImportProduct,
  type ImportState,
  RillError,
} from '@rill/protocol';
import { type Selectable, type SqlBool, sql } from 'kysely';
import type { Queryable, WriteTransaction } from '../database/database.ts';
import type { ImportsTable } from '../database/schema.ts';

export interface ImportKey {
  readonly ownerId: string;
  readonly importId: string;
}

export interface NewImport extends ImportKey {
  readonly name: string;
  readonly sizeBytes: number;
  readonly nowMs: number;
  /** The node that works on it; null without nodes. */
  readonly bootId: string | null;
}

/** The fields of an import that change. */
export interface ImportChange {
  readonly state?: ImportState;
  readonly product?: ImportProduct;
  readonly count?: ImportCount;
  readonly projectId?: string | null;
  readonly problem?: string | null;
  readonly endedAtMs?: number | null;
  /** Null when no node works on it any more. */
  readonly bootId?: string | null;
}

/** Most imports that a list names. */
const listedImports = 100;

export async function insertImport(db: Queryable, made: NewImport): Promise<void> {
  await db
    .insertInto('imports')
    .values({
      id: made.importId,
      owner_id: made.ownerId,
      name: made.name,
      size_bytes: made.sizeBytes,
      state: 'counting',
      product: null,
      count_json: null,
      project_id: null,
      problem: null,
      created_at_ms: made.nowMs,
      ended_at_ms: null,
      boot_id: made.bootId,
    })
    .execute();
}

export async function updateImport(db: Queryable, importId: string, change: ImportChange): Promise<void> {
  await db
    .updateTable('imports')
    .set({
      ...(change.state !== undefined && { state: change.state }),
      ...(change.product !== undefined && { product: change.product }),
      ...(change.count !== undefined && { count_json: JSON.stringify(change.count) }),
      ...(change.projectId !== undefined && { project_id: change.projectId }),
      ...(change.problem !== undefined && { problem: change.problem }),
      ...(change.endedAtMs !== undefined && { ended_at_ms: change.endedAtMs }),
      ...(change.bootId !== undefined && { boot_id: change.bootId }),
    })
    .where('id', '=', importId)
    .execute();
}

/** Errors: not_found. */
export async function getImport(db: Queryable, { ownerId, importId }: ImportKey): Promise<ImportJob> {
  const row = await db
    .selectFrom('imports')
    .selectAll()
    .where('id', '=', importId)
    .where('owner_id', '=', ownerId)
    .executeTakeFirst();
  if (!row) throw new RillError('not_found', { message: 'This import does not exist.' });
  return toImport(db, row);
}

/** The newest imports of a user, newest first. */
export async function listImports(db: Queryable, ownerId: string): Promise<ImportJob[]> {
  const rows = await db
    .selectFrom('imports')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .orderBy('id', 'desc')
    .limit(listedImports)
    .execute();
  const jobs: ImportJob[] = [];
  for (const row of rows) jobs.push(await toImport(db, row));
  return jobs;
}

/** What a job needs to continue: imports of all users, for a process that starts. */
export type UnfinishedImport = ImportKey & { readonly state: ImportState };

/** The imports whose data is still needed, in the order of their creation. */
export async function listUnfinishedImports(db: Queryable): Promise<UnfinishedImport[]> {
  const rows = await db
    .selectFrom('imports')
    .select(['id', 'owner_id', 'state'])
    .where('state', 'not in', ['completed', 'failed'])
    .orderBy('id')
    .execute();
  return rows.map(({ id, owner_id: ownerId, state }) => ({ importId: id, ownerId, state }));
}

/** An import that no live node works on. */
const isFree = sql<SqlBool>`NOT EXISTS (
  SELECT FROM nodes WHERE nodes.boot_id = imports.boot_id AND nodes.fenced_at_ms IS NULL)`;

/**
 * Assigns to a node the imports of nodes that have ended. Several nodes may call this at once, and each import is
 * assigned to one of them.
 */
export async function claimImports(db: WriteTransaction, bootId: string): Promise<UnfinishedImport[]> {
  const rows = await db
    .with('free', (part) =>
      part
        .selectFrom('imports')
        .select('id')
        .where('state', 'in', ['counting', 'running'])
        .where(isFree)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('imports')
    .from('free')
    .set({ boot_id: bootId })
    .whereRef('imports.id', '=', 'free.id')
    .returning(['imports.id', 'owner_id', 'state'])
    .execute();
  return rows.map(({ id, owner_id: ownerId, state }) => ({ importId: id, ownerId, state }));
}

/** Assigns to a node an import that waits for its start; false if another node works on it. */
export async function holdImport(db: WriteTransaction, importId: string, bootId: string): Promise<boolean> {
  const result = await db
    .updateTable('imports')
    .set({ boot_id: bootId })
    .where('id', '=', importId)
    .where('state', 'in', ['counted', 'stopped'])
    .where(isFree)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function isHeldByNode(db: Queryable, importId: string): Promise<boolean> {
  const row = await db
    .selectFrom('imports')
    .select('id')
    .where('id', '=', importId)
    .where(({ not }) => not(isFree))
    .executeTakeFirst();
  return row !== undefined;
}

/** Stores that a user stopped it; the worker checks for that. */
export async function markStopped(db: WriteTransaction, importId: string): Promise<void> {
  await db
    .updateTable('imports')
    .set({ state: 'stopped' })
    .where('id', '=', importId)
    .where('state', 'in', ['counting', 'running'])
    .execute();
}

/** True also when it was deleted. */
export async function isStopped(db: Queryable, importId: string): Promise<boolean> {
  const row = await db.selectFrom('imports').select('state').where('id', '=', importId).executeTakeFirst();
  return row === undefined || row.state === 'stopped';
}

/** The imports of all users that were created before `beforeMs` and never started. */
export async function listNeverStarted(db: Queryable, beforeMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('imports')
    .select('id')
    .where('created_at_ms', '<', beforeMs)
    .where((where) =>
      where.or([
        where('state', '=', 'counted'),
        // Stopped while it was counted.
        where.and([where('state', '=', 'stopped'), where('count_json', 'is', null)]),
      ]),
    )
    .execute();
  return rows.map(({ id }) => id);
}

/** The project for chats without one; null until one is chosen or created. */
export async function findImportProject(db: Queryable, importId: string): Promise<string | null> {
  const row = await db
    .selectFrom('imports')
    .select('project_id')
    .where('id', '=', importId)
    .executeTakeFirst();
  return row?.project_id ?? null;
}

export async function deleteImport(db: Queryable, importId: string): Promise<void> {
  await db.deleteFrom('imports').where('id', '=', importId).execute();
}

export async function isReported(db: Queryable, importId: string, key: string): Promise<boolean> {
  const row = await db
    .selectFrom('import_items')
    .select('id')
    .where('import_id', '=', importId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row !== undefined;
}

/** Adds an item to the report, or replaces its line. */
export async function reportItem(db: Queryable, importId: string, item: ImportItem): Promise<void> {
  const said = {
    title: item.title,
    outcome: item.outcome,
    chat_id: item.chatId,
    project_id: item.projectId,
    notes_json: item.notes.length > 0 ? JSON.stringify(item.notes) : null,
  };
  await db
    .insertInto('import_items')
    .values({ import_id: importId, key: item.key, ...said })
    .onConflict((conflict) => conflict.columns(['import_id', 'key']).doUpdateSet(said))
    .execute();
}

export interface ReportPage {
  readonly outcome?: ImportOutcome | undefined;
  readonly limit: number;
  readonly pageToken?: string | undefined;
}

/** A page of a report. Errors: bad_request for an invalid page token. */
export async function listReport(
  db: Queryable,
  importId: string,
  { outcome, limit, pageToken }: ReportPage,
): Promise<{ readonly items: ImportItem[]; readonly nextPageToken: string | null }> {
  const after = pageToken === undefined ? 0 : Number(pageToken);
  if (!Number.isSafeInteger(after))
    throw new RillError('bad_request', { message: 'The page token is not valid.' });
  const rows = await db
    .selectFrom('import_items')
    .selectAll()
    .where('import_id', '=', importId)
    .where('id', '>', after)
    .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome ?? 'failed'))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return {
    items: page.map((row) => ({
      key: row.key,
      title: row.title,
      outcome: row.outcome,
      chatId: row.chat_id,
      projectId: row.project_id,
      notes: row.notes_json === null ? [] : (JSON.parse(row.notes_json) as string[]),
    })),
    nextPageToken: rows.length > limit ? String(page.at(-1)?.id) : null,
  };
}

async function toImport(db: Queryable, row: Selectable<ImportsTable>): Promise<ImportJob> {
  const counts = await db
    .selectFrom('import_items')
    .select(['outcome', (expression) => expression.fn.countAll<number>().as('count')])
    .where('import_id', '=', row.id)
    .groupBy('outcome')
    .execute();
  return {
    id: row.id,
    name: row.name,
    sizeBytes: Number(row.size_bytes),
    state: row.state,
    product: row.product as ImportProduct | null,
    count: row.count_json === null ? null : (JSON.parse(row.count_json) as ImportCount),
    doneItems: counts.reduce((sum, { count }) => sum + Number(count), 0),
    outcomes: Object.fromEntries(counts.map(({ outcome, count }) => [outcome, Number(count)])),
    problem: row.problem,
    createdAtMs: Number(row.created_at_ms),
    endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
  };
}
