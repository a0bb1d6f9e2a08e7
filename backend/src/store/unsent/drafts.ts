/**
 * Stores what is written in the composer of each chat, and of the next new chat of each project. Invariant: a text
 * stored by one writer is replaced by another only if that writer had read it, or is kept beside the new one.
 */
import {
  type Draft,
  type FileReference,
  maxContentCharacters,
  maxFilesOfMessage,
  type PutDraft,
} from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import type { DraftRow } from '../../database/schema.ts';
import { findFiles } from '../files/files.ts';
import { addFileUses, filesField, filesJson, keepFilesUntil, keptUnusedMs } from '../files/fileUses.ts';

/** Identifies a draft; `chatId` is null for the project's next new chat. */
export interface DraftKey {
  readonly ownerId: string;
  readonly projectId: string;
  readonly chatId: string | null;
}

const emptyDraft: Draft = { content: '', otherContent: '', revision: 0, writer: null };

export async function getDraft(db: Queryable, key: DraftKey): Promise<Draft> {
  const row = await findRow(db, key);
  return row ? toDraft(row) : emptyDraft;
}

/** Stores a draft and returns the result; the later edit wins. */
export async function putDraft(
  db: Queryable,
  key: DraftKey,
  put: PutDraft,
  nowMs: number,
): Promise<{ readonly draft: Draft; readonly isChanged: boolean }> {
  const known = await findRow(db, key);
  const editedAtMs = nowMs - (put.editedAgoMs ?? 0);
  const given = put.fileIds && (await findFiles(db, key.ownerId, put.fileIds));
  const merged = {
    ...mergeDraft(known, put, editedAtMs),
    files_json: filesJson(mergeFiles(known, put, given)),
  };
  if (known && isSame(known, merged)) return { draft: toDraft(known), isChanged: false };
  const row: DraftRow = {
    id: draftIdOf(key),
    owner_id: key.ownerId,
    project_id: key.chatId === null ? key.projectId : null,
    chat_id: key.chatId,
    revision: (known?.revision ?? 0) + 1,
    ...merged,
  };
  const { id: _id, ...fields } = row;
  await db
    .insertInto('drafts')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(fields))
    .execute();
  if (known?.files_json !== row.files_json) await setFiles(db, known, row, nowMs);
  return { draft: toDraft(row), isChanged: true };
}

/** If another writer stored files that this one has not read, the files of both stay. */
function mergeFiles(
  known: DraftRow | null,
  put: PutDraft,
  given: readonly FileReference[] | undefined,
): readonly FileReference[] {
  const { files = [] } = filesField(known?.files_json ?? null);
  if (!given || !known || hasRead(known, put)) return given ?? files;
  const added = given.filter(({ id }) => !files.some((file) => file.id === id));
  return [...files, ...added].slice(0, maxFilesOfMessage);
}

async function setFiles(db: Queryable, known: DraftRow | null, row: DraftRow, nowMs: number): Promise<void> {
  const { files: before = [] } = filesField(known?.files_json ?? null);
  const { files: after = [] } = filesField(row.files_json);
  await db.deleteFrom('file_uses').where('draft_id', '=', row.id).execute();
  await addFileUses(
    db,
    { draft_id: row.id },
    after.map(({ id }) => id),
  );
  await keepFilesUntil(db, before, nowMs + keptUnusedMs);
}

type DraftText = Pick<DraftRow, 'content' | 'other_content' | 'writer' | 'edited_at_ms'>;

function mergeDraft(known: DraftRow | null, put: PutDraft, editedAtMs: number): DraftText {
  const { writer, discardsOther = false } = put;
  // Databases cannot store a lone surrogate.
  const content = put.content.toWellFormed();
  const own: DraftText = { content, other_content: '', writer, edited_at_ms: editedAtMs };
  if (!known) return own;
  const other = discardsOther ? '' : known.other_content;
  if (hasRead(known, put)) return { ...own, other_content: other };
  const isLater = editedAtMs >= Number(known.edited_at_ms);
  const { content: knownContent, writer: knownWriter, edited_at_ms } = known;
  return isLater
    ? { ...own, other_content: withLoser(other, knownContent, content) }
    : {
        content: knownContent,
        writer: knownWriter,
        edited_at_ms: Number(edited_at_ms),
        other_content: withLoser(other, content, knownContent),
      };
}

const hasRead = (known: DraftRow, { writer, baseRevision }: PutDraft): boolean =>
  known.revision <= baseRevision || known.writer === writer;

/** The replaced texts so far plus this one, unless it is among them. */
function withLoser(other: string, loser: string, winner: string): string {
  if (loser.trim() === '' || winner.includes(loser) || other.includes(loser)) return other;
  const both = other === '' ? loser : `${other}\n\n${loser}`;
  return both.slice(-maxContentCharacters).toWellFormed();
}

function isSame(known: DraftRow, next: DraftText & Pick<DraftRow, 'files_json'>): boolean {
  return (
    known.content === next.content &&
    known.other_content === next.other_content &&
    known.writer === next.writer &&
    known.files_json === next.files_json
  );
}

const draftIdOf = ({ projectId, chatId }: DraftKey): string => chatId ?? projectId;

async function findRow(db: Queryable, key: DraftKey): Promise<DraftRow | null> {
  const row = await db
    .selectFrom('drafts')
    .selectAll()
    .where('id', '=', draftIdOf(key))
    .where('owner_id', '=', key.ownerId)
    .executeTakeFirst();
  return row ?? null;
}

function toDraft(row: DraftRow): Draft {
  return {
    content: row.content,
    otherContent: row.other_content,
    revision: row.revision,
    writer: row.writer,
    ...filesField(row.files_json),
  };
}
