/** Stores what a service read in a file when parsing it, once per file; it is deleted with the file. */
import { isJsonObject, type JsonObject, type PdfEngine } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

/** Replaces what is stored. Skips a file that has been deleted. */
export async function saveFileAnnotation(
  db: Queryable,
  fileId: string,
  annotation: JsonObject,
  engine: PdfEngine,
): Promise<void> {
  const file = await db.selectFrom('files').select('id').where('id', '=', fileId).executeTakeFirst();
  if (!file) return;
  const annotation_json = JSON.stringify(engine === 'ocr' ? { engine, annotation } : annotation);
  await db
    .insertInto('file_annotations')
    .values({ file_id: fileId, annotation_json })
    .onConflict((conflict) => conflict.column('file_id').doUpdateSet({ annotation_json }))
    .execute();
}

/** By file id. Leaves out files that were never parsed and, for `ocr`, files of which only the text was read. */
export async function findFileAnnotations(
  db: Queryable,
  fileIds: readonly string[],
  engine: PdfEngine,
): Promise<ReadonlyMap<string, JsonObject>> {
  if (fileIds.length === 0) return new Map();
  const rows = await db.selectFrom('file_annotations').selectAll().where('file_id', 'in', fileIds).execute();
  const found = new Map<string, JsonObject>();
  for (const row of rows) {
    const stored = JSON.parse(row.annotation_json) as JsonObject;
    // What a service sent has no engine: it says what kind of annotation it is.
    const ofScan = stored.engine === 'ocr' && isJsonObject(stored.annotation) ? stored.annotation : null;
    if (ofScan || engine === 'text') found.set(row.file_id, ofScan ?? stored);
  }
  return found;
}
