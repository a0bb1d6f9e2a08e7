/** Stores which messages, queued messages, drafts and projects use a file, so that it stays as long as one of them. */
import type { FileReference, Message } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { FileUsesTable } from '../../database/schema.ts';
import { together } from '../../database/together.ts';

/** How long an unused file stays, in milliseconds. */
export const keptUnusedMs = 24 * 60 * 60_000;

/** What has a file: one of them. */
export type FileHolder =
  | { readonly message_id: string }
  | { readonly queued_id: string }
  | { readonly draft_id: string }
  | { readonly project_id: string };

const nothing: Omit<FileUsesTable, 'file_id'> = {
  message_id: null,
  queued_id: null,
  draft_id: null,
  project_id: null,
};

const insert = prepareQuery((db, row: Slots<FileUsesTable>) => db.insertInto('file_uses').values(row));

/** The holder and the files must be stored already. */
export async function addFileUses(
  db: Queryable,
  holder: FileHolder,
  fileIds: readonly string[],
): Promise<void> {
  const rows = [...new Set(fileIds)].map((file_id) => ({ ...nothing, ...holder, file_id }));
  await together(rows.map((row) => insert.change(db, row)));
}

/** The files of a message: those that the user sent, and the pictures that the model made. */
export const fileIdsOf = ({ files = [], images }: Pick<Message, 'files' | 'images'>): string[] => [
  ...files.map(({ id }) => id),
  ...images.flatMap(({ fileId }) => (fileId === undefined ? [] : [fileId])),
];

/** A copy uses the files of its original. */
export async function copyFileUses(db: Queryable, messageId: string, copyId: string): Promise<void> {
  const rows = await db
    .selectFrom('file_uses')
    .select('file_id')
    .where('message_id', '=', messageId)
    .execute();
  await addFileUses(
    db,
    { message_id: copyId },
    rows.map(({ file_id }) => file_id),
  );
}

/** How long a file stays that was removed from a draft or a queue: time in which the removal can be undone. */
export async function keepFilesUntil(
  db: Queryable,
  files: readonly Pick<FileReference, 'id'>[],
  untilMs: number,
): Promise<void> {
  if (files.length === 0) return;
  await db
    .updateTable('files')
    .set({ kept_until_ms: untilMs })
    .where(
      'id',
      'in',
      files.map(({ id }) => id),
    )
    .execute();
}

/** The column text for a holder's files; null for none. */
export const filesJson = (files: readonly FileReference[] | undefined): string | null =>
  files && files.length > 0 ? JSON.stringify(files) : null;

/** The field of a wire object; empty without files. */
export const filesField = (json: string | null): { files?: FileReference[] } =>
  json === null ? {} : { files: JSON.parse(json) as FileReference[] };
