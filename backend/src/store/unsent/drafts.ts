/**
 * Stores what is written in the composer of each chat, and of the next new chat of each project.
 * Invariant: a text that one writer stored is replaced by another writer only if that writer had read it, or it is kept
 * beside the new one.
 */
import { type Draft, maxContentCharacters, type PutDraft } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import type { DraftRow } from '../../database/schema.ts';

/** Whose draft it is; `chatId` null for the project's next new chat. */
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

/** Stores a draft and returns what is stored then; the later edit wins. */
export async function putDraft(
  db: Queryable,
  key: DraftKey,
  put: PutDraft,
  nowMs: number,
): Promise<{ readonly draft: Draft; readonly isChanged: boolean }> {
  const known = await findRow(db, key);
  const editedAtMs = nowMs - (put.editedAgoMs ?? 0);
  const merged = mergeDraft(known, put, editedAtMs);
  if (known && isSame(known, merged)) return { draft: toDraft(known), isChanged: false };
  const row: DraftRow = {
    id: draftIdOf(key),
    owner_id: key.ownerId,
    project_id: key.chatId === null ? key.projectId : null,
    chat_id: key.chatId,
    revision: (known?.revision ?? 0) + 1,
    files_json: known?.files_json ?? null,
    ...merged,
  };
  const { id: _id, ...fields } = row;
  await db
    .insertInto('drafts')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(fields))
    .execute();
  return { draft: toDraft(row), isChanged: true };
}

type DraftText = Pick<DraftRow, 'content' | 'other_content' | 'writer' | 'edited_at_ms'>;

function mergeDraft(known: DraftRow | null, put: PutDraft, editedAtMs: number): DraftText {
  const { writer, baseRevision, discardsOther = false } = put;
  // A lone surrogate is no text that a database keeps.
  const content = put.content.toWellFormed();
  const own: DraftText = { content, other_content: '', writer, edited_at_ms: editedAtMs };
  if (!known) return own;
  const other = discardsOther ? '' : known.other_content;
  const hasReadIt = known.revision <= baseRevision || known.writer === writer;
  if (hasReadIt) return { ...own, other_content: other };
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

/** The texts that lost so far and this one, unless it is known already. */
function withLoser(other: string, loser: string, winner: string): string {
  if (loser.trim() === '' || winner.includes(loser) || other.includes(loser)) return other;
  const both = other === '' ? loser : `${other}\n\n${loser}`;
  return both.slice(-maxContentCharacters).toWellFormed();
}

function isSame(known: DraftRow, next: DraftText): boolean {
  return (
    known.content === next.content &&
    known.other_content === next.other_content &&
    known.writer === next.writer
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
  };
}
