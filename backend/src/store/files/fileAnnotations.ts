/** Stores what a service made of a file when it parsed it, once for each file; it is deleted with the file. */
import type { JsonObject } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

/** Replaces what is stored. A file that is gone by now is left out. */
export async function saveFileAnnotation(
  db: Queryable,
  fileId: string,
  annotation: JsonObject,
): Promise<void> {
  const file = await db.selectFrom('files').select('id').where('id', '=', fileId).executeTakeFirst();
  if (!file) return;
  const annotation_json = JSON.stringify(annotation);
  await db
    .insertInto('file_annotations')
    .values({ file_id: fileId, annotation_json })
    .onConflict((conflict) => conflict.column('file_id').doUpdateSet({ annotation_json }))
    .execute();
}

/** By the id of the file; without those that were never parsed. */
export async function findFileAnnotations(
  db: Queryable,
  fileIds: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  if (fileIds.length === 0) return new Map();
  const rows = await db.selectFrom('file_annotations').selectAll().where('file_id', 'in', fileIds).execute();
  return new Map(rows.map((row) => [row.file_id, JSON.parse(row.annotation_json) as JsonObject]));
}
