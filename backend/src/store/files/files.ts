/**
 * Stores descriptions of files. Every look-up is scoped to the owner. The bytes are in the file store, by their digest.
 */
import { type FileReference, RillError } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { FileRow } from '../../database/schema.ts';
import { together } from '../../database/together.ts';

export interface NewFile {
  readonly ownerId: string;
  readonly reference: FileReference;
  /** Until then the file stays even if unused. */
  readonly keptUntilMs: number;
  readonly nowMs: number;
}

export async function insertFile(db: Queryable, file: NewFile): Promise<void> {
  const { reference } = file;
  const row: FileRow = {
    id: reference.id,
    owner_id: file.ownerId,
    sha256: reference.sha256,
    name: reference.name,
    media_type: reference.mediaType,
    size_bytes: reference.sizeBytes,
    width: reference.width,
    height: reference.height,
    page_count: reference.pageCount,
    estimated_tokens: reference.estimatedTokens,
    kept_until_ms: file.keptUntilMs,
    created_at_ms: file.nowMs,
  };
  await db.insertInto('files').values(row).execute();
}

const fileById = prepareQuery(
  (db, { id, ownerId }: Slots<{ readonly id: string; readonly ownerId: string }>) =>
    db.selectFrom('files').selectAll().where('id', '=', id).where('owner_id', '=', ownerId),
);

/** Errors: not_found. */
export async function getFile(db: Queryable, ownerId: string, id: string): Promise<FileReference> {
  const row = await fileById.first(db, { id, ownerId });
  if (!row) throw new RillError('not_found', { message: 'This file does not exist, or no longer exists.' });
  return toReference(row);
}

/** Files by their ids, in that order, each once. Errors: not_found. */
export async function getFiles(
  db: Queryable,
  ownerId: string,
  ids: readonly string[],
): Promise<FileReference[]> {
  return together([...new Set(ids)].map((id) => getFile(db, ownerId, id)));
}

/** The same, without files that no longer exist. */
export async function findFiles(
  db: Queryable,
  ownerId: string,
  ids: readonly string[],
): Promise<FileReference[]> {
  const rows = await together([...new Set(ids)].map((id) => fileById.first(db, { id, ownerId })));
  return rows.flatMap((row) => (row ? [toReference(row)] : []));
}

/** Deletes an unused file. Errors: not_found, file_in_use. */
export async function deleteUnusedFile(db: Queryable, ownerId: string, id: string): Promise<void> {
  await getFile(db, ownerId, id);
  if ((await deleteFilesWithoutUse(db, [id])) === 0) throw new RillError('file_in_use');
}

/** Deletes the unused ones of these files, and returns their number. */
export async function deleteFilesWithoutUse(db: Queryable, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const result = await db
    .deleteFrom('files')
    .where('id', 'in', ids)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('file_uses').select('file_id').whereRef('file_uses.file_id', '=', 'files.id'))),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Deletes at most `limit` expired, unused files, and returns their digests. */
export async function deleteExpiredFiles(
  db: Queryable,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('files')
    .select(['id', 'sha256'])
    .where('kept_until_ms', '<', nowMs)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('file_uses').select('file_id').whereRef('file_uses.file_id', '=', 'files.id'))),
    )
    .limit(limit)
    .execute();
  if (rows.length > 0)
    await db
      .deleteFrom('files')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
  return [...new Set(rows.map(({ sha256 }) => sha256))];
}

const contentUse = prepareQuery((db, { sha256 }: Slots<{ readonly sha256: string }>) =>
  db.selectFrom('files').select('id').where('sha256', '=', sha256).limit(1),
);

/** True if a file of any user has this content. */
export async function hasContent(db: Queryable, sha256: string): Promise<boolean> {
  return (await contentUse.first(db, { sha256 })) !== null;
}

export function toReference(row: FileRow): FileReference {
  return {
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    sizeBytes: Number(row.size_bytes),
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    pageCount: row.page_count,
    estimatedTokens: row.estimated_tokens,
  };
}
