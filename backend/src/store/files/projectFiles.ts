/** Stores the files that are part of every chat of a project. */
import type { FileReference } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { FileRow } from '../../database/schema.ts';
import { getFiles, toReference } from './files.ts';
import { addFileUses, keepFilesUntil } from './fileUses.ts';

const filesOfProject = prepareQuery((db, { projectId }: Slots<{ readonly projectId: string }>) =>
  db
    .selectFrom('file_uses')
    .innerJoin('files', 'files.id', 'file_uses.file_id')
    .selectAll('files')
    .where('file_uses.project_id', '=', projectId)
    .orderBy('files.id'),
);

/** In upload order, so that all requests begin with the same bytes. */
export async function listProjectFiles(db: Queryable, projectId: string): Promise<FileReference[]> {
  return (await filesOfProject.all(db, { projectId })).map(toReference);
}

/** Replaces the files of a project of this owner. Errors: not_found for an unknown file. */
export async function setProjectFiles(
  db: Queryable,
  { ownerId, projectId }: { readonly ownerId: string; readonly projectId: string },
  fileIds: readonly string[],
  keptUntilMs: number,
): Promise<FileReference[]> {
  const before = await listProjectFiles(db, projectId);
  const files = await getFiles(db, ownerId, fileIds);
  await replaceUses(db, projectId, files);
  await keepFilesUntil(db, before, keptUntilMs);
  return listProjectFiles(db, projectId);
}

/** The file rows of a project that the database in memory needs for its chats. */
export function readProjectFileRows(db: Queryable, projectId: string): Promise<FileRow[]> {
  return filesOfProject.all(db, { projectId });
}

export async function mirrorProjectFiles(
  db: Queryable,
  projectId: string,
  rows: readonly FileRow[],
): Promise<void> {
  for (const row of rows)
    await db
      .insertInto('files')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  await replaceUses(db, projectId, rows);
}

async function replaceUses(
  db: Queryable,
  projectId: string,
  files: readonly Pick<FileReference, 'id'>[],
): Promise<void> {
  await db.deleteFrom('file_uses').where('project_id', '=', projectId).execute();
  await addFileUses(
    db,
    { project_id: projectId },
    files.map(({ id }) => id),
  );
}
