/**
 * Restores archives. New rows keep their ids; existing rows stay unchanged and are named in the report. An interrupted
 * restore continues where it stopped.
 */
import type { ImportItem, ImportOutcome } from '@rill/protocol';
import type { Database, Queryable } from '../database/database.ts';
import type { ImportEntry, Importer, RunContext } from '../imports/importer.ts';
import { deletePristineProject } from '../store/seed.ts';
import { chatIdOf, filesName, projectsName } from './archiveLayout.ts';
import { type NewRow, RecordReader } from './archiveRecord.ts';
import { chatParts, draftTable, projectTable } from './archiveTables.ts';
import { checkArchive, isArchive, sortEntries, tablesOfShared } from './checkArchive.ts';
import { type KeptFiles, restoreFiles } from './restoreFiles.ts';
import { storeInParts, type Tally } from './storeInParts.ts';

/** Names in the report for rows that are not chats. */
const titles: Readonly<Record<string, string>> = {
  [projectsName]: 'Projects',
  [filesName]: 'Files',
  'usage.ndjson': 'Usage',
  'pinnedModels.ndjson': 'Pinned models',
  'budgets.ndjson': 'Budgets',
  'prompts.ndjson': 'Saved prompts',
};

export function createArchiveImporter(database: Database, fileService: KeptFiles): Importer {
  return {
    product: 'rill',
    recognise: isArchive,
    count: (source, context) => checkArchive(database.reader, source, context),
    async run(source, context) {
      const { projects, shared, chats, files } = await sortEntries(source);
      const restore = { database, context };
      const reader = await RecordReader.open(database.reader, Object.values(chatParts), context.ownerId);
      await restoreOnce(restore, projects, () => restoreProjects(restore, projects));
      for (const entry of chats)
        await restoreOnce(restore, entry, () => restoreChat({ ...restore, reader }, entry));
      if (files)
        await restoreOnce(restore, files, async () => {
          const { tally, notes } = await restoreFiles({ ...restore, files: fileService }, source, files);
          const item = itemOf(files.name, tally);
          await database.transaction((transaction) =>
            context.report(transaction, { ...item, notes: [...item.notes, ...notes] }),
          );
        });
      for (const entry of shared) await restoreOnce(restore, entry, () => restoreShared(restore, entry));
    },
  };
}

interface Restore {
  readonly database: Database;
  readonly context: RunContext;
}

/** The name of the entry identifies it in the report. */
async function restoreOnce(
  { context }: Restore,
  { name }: ImportEntry,
  work: () => Promise<void>,
): Promise<void> {
  context.signal.throwIfAborted();
  if (!(await context.isReported(name))) await work();
}

async function restoreProjects({ database, context }: Restore, entry: ImportEntry): Promise<void> {
  const reader = await RecordReader.open(database.reader, [projectTable, draftTable], context.ownerId);
  let isFirst = true;
  await storeInParts({
    database,
    entry,
    reader,
    async prepare(transaction, { table, row }) {
      // Before the first one only: a later one may come from the archive.
      if (isFirst && table === projectTable)
        await deletePristineProject(transaction, context.ownerId, String(row.id));
      isFirst = false;
      return row;
    },
    finish: (transaction, tally) => context.report(transaction, itemOf(entry.name, tally)),
  });
}

async function restoreShared({ database, context }: Restore, entry: ImportEntry): Promise<void> {
  await storeInParts({
    database,
    entry,
    reader: await RecordReader.open(database.reader, tablesOfShared(entry), context.ownerId),
    async prepare(transaction, { table, row }) {
      const { project_id: projectId = null } = row;
      if (!table.isOfProject || projectId === null) return row;
      const projects = await listProjectIds(transaction, context.ownerId);
      return projects.some((id) => id === projectId) ? row : null;
    },
    finish: (transaction, tally) => context.report(transaction, itemOf(entry.name, tally)),
  });
}

async function restoreChat(
  { database, context, reader }: Restore & { readonly reader: RecordReader },
  entry: ImportEntry,
): Promise<void> {
  const chatId = chatIdOf(entry.name) ?? '';
  const there = await findChat(database.reader, chatId);
  if (there && there.owner_id !== context.ownerId) return reportForeign({ database, context }, entry.name);
  const notes = new Set<string>();
  await storeInParts({
    database,
    entry,
    reader,
    prepare: async (transaction, { table, row }) =>
      table === chatParts.chats ? withProject(transaction, row, context.ownerId, notes) : row,
    async finish(transaction, tally) {
      const chat = await findChat(transaction, chatId);
      const item = itemOf(entry.name, tally);
      await context.report(transaction, {
        ...item,
        title: chat?.title ?? '',
        chatId: chat ? chatId : null,
        projectId: chat?.project_id ?? null,
        notes: [...item.notes, ...notes],
      });
    },
  });
}

const findChat = (db: Queryable, chatId: string) =>
  db
    .selectFrom('chats')
    .select(['owner_id', 'project_id', 'title'])
    .where('id', '=', chatId)
    .executeTakeFirst();

/** A chat whose project was deleted while the archive was written is assigned to the first project. */
async function withProject(db: Queryable, row: NewRow, ownerId: string, notes: Set<string>): Promise<NewRow> {
  const projects = await listProjectIds(db, ownerId);
  const [first] = projects;
  if (!first || projects.some((id) => id === row.project_id)) return row;
  notes.add('Its project is not in the archive.');
  return { ...row, project_id: first };
}

async function listProjectIds(db: Queryable, ownerId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('projects')
    .select('id')
    .where('owner_id', '=', ownerId)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

async function reportForeign({ database, context }: Restore, name: string): Promise<void> {
  const item = { key: name, title: '', outcome: 'failed', chatId: null, projectId: null } as const;
  await database.transaction((transaction) =>
    context.report(transaction, { ...item, notes: ['Its id is that of a chat of another user.'] }),
  );
}

function itemOf(name: string, { new: stored, equal, other }: Tally): ImportItem {
  const outcomeOfStored: ImportOutcome = equal + other === 0 ? 'imported' : 'updated';
  return {
    key: name,
    title: titles[name] ?? '',
    outcome: stored === 0 ? 'unchanged' : outcomeOfStored,
    chatId: null,
    projectId: null,
    notes: other > 0 ? [`Kept as it is here: ${other} of its records differ from those of the archive.`] : [],
  };
}
