/** Moves chats from the database in memory to the stored one, and finds those that have expired. */
import type { Project } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import type { ChatKey } from './chats.ts';
import type { OwnChats } from './manyChats.ts';

/** Updates a project and its owner in the database in memory, whose chats need both. */
export async function mirrorProject(db: Queryable, ownerId: string, project: Project): Promise<void> {
  const owner = { id: ownerId, name: ownerId, created_at_ms: project.createdAtMs };
  await db
    .insertInto('owners')
    .values(owner)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const row = {
    name: project.name,
    system_prompt: project.systemPrompt,
    default_model: project.defaultModel,
    options_json: project.options && JSON.stringify(project.options),
    timeouts_json: project.timeouts && JSON.stringify(project.timeouts),
    updated_at_ms: project.updatedAtMs,
  };
  await db
    .insertInto('projects')
    .values({ id: project.id, owner_id: ownerId, created_at_ms: project.createdAtMs, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/**
 * Everything of a chat that outlives its runs. Events are left behind: finished answers are read from their messages.
 */
export async function readWholeChat(db: Queryable, { chatId }: ChatKey) {
  const chat = await db.selectFrom('chats').selectAll().where('id', '=', chatId).executeTakeFirstOrThrow();
  const messages = await db
    .selectFrom('messages')
    .selectAll()
    .where('chat_id', '=', chatId)
    .orderBy('id')
    .execute();
  const runs = await db.selectFrom('runs').selectAll().where('chat_id', '=', chatId).orderBy('id').execute();
  const generations = await db
    .selectFrom('generations')
    .selectAll('generations')
    .innerJoin('runs', 'runs.id', 'generations.run_id')
    .where('runs.chat_id', '=', chatId)
    .orderBy('generations.id')
    .execute();
  const sendKeys = await db.selectFrom('send_keys').selectAll().where('chat_id', '=', chatId).execute();
  const drafts = await db.selectFrom('drafts').selectAll().where('chat_id', '=', chatId).execute();
  const fileUses = await db
    .selectFrom('file_uses')
    .selectAll()
    .where((where) =>
      where.or([
        where('message_id', 'in', where.selectFrom('messages').select('id').where('chat_id', '=', chatId)),
        where('draft_id', '=', chatId),
      ]),
    )
    .execute();
  const fileIds = fileUses.map(({ file_id }) => file_id);
  const files =
    fileIds.length > 0 ? await db.selectFrom('files').selectAll().where('id', 'in', fileIds).execute() : [];
  return { chat, messages, runs, generations, sendKeys, drafts, files, fileUses };
}

/** Stores a formerly temporary chat, which is an ordinary one from then on. */
export async function insertWholeChat(
  db: Queryable,
  {
    chat,
    messages,
    runs,
    generations,
    sendKeys,
    drafts,
    files,
    fileUses,
  }: Awaited<ReturnType<typeof readWholeChat>>,
): Promise<void> {
  await db
    .insertInto('chats')
    .values({ ...chat, is_temporary: 0 })
    .execute();
  // One by one: together they may exceed the size of a statement.
  for (const row of messages) await db.insertInto('messages').values(row).execute();
  for (const row of runs) await db.insertInto('runs').values(row).execute();
  for (const row of generations) await db.insertInto('generations').values(row).execute();
  for (const row of sendKeys) await db.insertInto('send_keys').values(row).execute();
  for (const row of drafts) await db.insertInto('drafts').values(row).execute();
  // A file shared by the project is stored already.
  for (const row of files)
    await db
      .insertInto('files')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  for (const row of fileUses) await db.insertInto('file_uses').values(row).execute();
}

/**
 * Chats of one user that were last changed before `beforeMs`, or that are not among the newest `keptCount` of all; null
 * if there are none. Chats with an answer in progress are left out.
 */
export async function findOldTemporary(
  db: Queryable,
  { beforeMs, keptCount }: { readonly beforeMs: number; readonly keptCount: number },
): Promise<OwnChats | null> {
  const rows = await db
    .selectFrom('chats')
    .select(['id', 'owner_id', 'updated_at_ms'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs')
            .select('runs.id')
            .whereRef('runs.chat_id', '=', 'chats.id')
            .where('runs.ended_at_ms', 'is', null),
        ),
      ),
    )
    .orderBy('updated_at_ms', 'desc')
    .execute();
  const old = rows.filter((row, index) => index >= keptCount || Number(row.updated_at_ms) < beforeMs);
  const ownerId = old[0]?.owner_id;
  if (ownerId === undefined) return null;
  return { ownerId, chatIds: old.filter((row) => row.owner_id === ownerId).map(({ id }) => id) };
}
