/** Stores copies of messages: a branch in a new chat, and the user's version of an answer. A copy keeps the receipt of its original. */
import {
  type Annotation,
  blankMessage,
  type GeneratedImage,
  type Message,
  RillError,
  sumUsage,
  type Timings,
  type Usage,
} from '@rill/protocol';
import { sql } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import { copyFileUses } from '../files/fileUses.ts';
import { insertMessage } from '../messages.ts';

export interface CopyTarget {
  readonly chatId: string;
  readonly newId: () => string;
}

/** Copies consecutive messages, root first, into a chat. Returns the id of the last copy. Reads no texts. */
export async function copyBranch(
  db: Queryable,
  messageIds: readonly string[],
  { chatId, newId }: CopyTarget,
): Promise<string | null> {
  let parentId: string | null = null;
  for (const messageId of messageIds) {
    const copyId = newId();
    await db
      .insertInto('messages')
      .columns([...copiedColumns, 'id', 'chat_id', 'parent_id', 'copy_of', 'copy_kind'])
      .expression(
        db
          .selectFrom('messages')
          .select([...copiedColumns])
          .select([
            sql.val(copyId).as('id'),
            sql.val(chatId).as('chat_id'),
            sql.val(parentId).as('parent_id'),
            sql<string>`coalesce(copy_of, id)`.as('copy_of'),
            sql<'fork'>`coalesce(copy_kind, 'fork')`.as('copy_kind'),
          ])
          .where('id', '=', messageId),
      )
      .execute();
    await copyFileUses(db, messageId, copyId);
    parentId = copyId;
  }
  return parentId;
}

/** Its run stays with the original. */
const copiedColumns = [
  'owner_id',
  'role',
  'status',
  'content',
  'reasoning',
  'extras_json',
  'model',
  'provider',
  'finish_reason',
  'error_json',
  'usage_json',
  'timings_json',
  'context_mark',
  'files_json',
  'created_at_ms',
] as const;

/** What the user makes of an answer. */
export interface AnswerEdit {
  readonly id: string;
  readonly ownerId: string;
  readonly chatId: string;
  /** The parts of the answer, first part first. */
  readonly partIds: readonly string[];
  readonly content: string;
  readonly nowMs: number;
}

/**
 * Stores the user's version of an answer as its sibling. Keeps the sources, pictures and mark, but not the thinking.
 */
export async function insertEditedAnswer(db: Queryable, edit: AnswerEdit): Promise<Message> {
  const { id, ownerId, chatId, partIds, content, nowMs } = edit;
  const rows = await db
    .selectFrom('messages')
    .select([
      'id',
      'parent_id',
      'model',
      'provider',
      'usage_json',
      'timings_json',
      'extras_json',
      'copy_of',
      'context_mark',
    ])
    .where('id', 'in', partIds)
    .orderBy('id')
    .execute();
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last) throw new RillError('not_found', { message: 'This message does not exist.' });
  const extras = rows.map(({ extras_json }) => JSON.parse(extras_json ?? '{}') as Extras);
  const message: Message = {
    ...blankMessage(),
    id,
    chatId,
    parentId: first.parent_id,
    role: 'assistant',
    status: 'completed',
    content,
    annotations: extras.flatMap(({ annotations = [] }) => annotations),
    images: extras.flatMap(({ images = [] }) => images),
    runId: null,
    model: last.model,
    provider: last.provider,
    usage: sumUsage(rows.map(({ usage_json }) => JSON.parse(usage_json ?? 'null') as Usage | null)),
    timings: JSON.parse(last.timings_json ?? 'null') as Timings | null,
    copyOf: first.copy_of ?? first.id,
    isEdited: true,
    ...(last.context_mark !== null && { contextMark: last.context_mark }),
    createdAtMs: nowMs,
  };
  await insertMessage(db, ownerId, message, {
    copy_of: first.copy_of ?? first.id,
    copy_kind: rows.length > 1 ? 'edit-parts' : 'edit',
  });
  return message;
}

interface Extras {
  readonly annotations?: Annotation[];
  readonly images?: GeneratedImage[];
}
