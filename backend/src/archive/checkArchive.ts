/**
 * Validates a whole archive without storing anything: every line is a row, every row is in the right file, every
 * message has its parent in its chat. An archive that passes is not refused later.
 */
import { createHash } from 'node:crypto';
import type { ImportCount } from '@rill/protocol';
import type { Queryable } from '../database/database.ts';
import type { CountContext, ImportEntry, ImportSource } from '../imports/importer.ts';
import {
  archiveVersion,
  chatIdOf,
  contentName,
  filesName,
  headName,
  isContentName,
  linesOf,
  projectsName,
  summaryName,
} from './archiveLayout.ts';
import { type ReadRow, RecordReader, refusal } from './archiveRecord.ts';
import {
  type ArchiveTable,
  chatParts,
  draftTable,
  fileTable,
  fileTables,
  fileUseTable,
  holderTables,
  projectTable,
  sharedTables,
} from './archiveTables.ts';

/** The entries of an archive, in the order in which they are restored. */
export interface ArchiveEntries {
  readonly projects: ImportEntry;
  /** Other entries than projects and chats, if the archive has them. */
  readonly shared: readonly ImportEntry[];
  readonly chats: readonly ImportEntry[];
  /** Null in an archive without files. */
  readonly files: ImportEntry | null;
}

/** A head has some words. */
const maxHeadBytes = 4096;

/** True when the data identifies itself as an archive of Rill. */
export async function isArchive(source: ImportSource): Promise<boolean> {
  const head = await readHead(source);
  return head?.format === 'rill-archive';
}

/** Errors: ImportRefused for an archive of a newer version, or with an unknown entry. */
export async function sortEntries(source: ImportSource): Promise<ArchiveEntries> {
  const head = await readHead(source);
  if (head?.version !== archiveVersion)
    throw refusal('was written by a newer version of Rill, or not by Rill at all');
  const projects = source.find(projectsName);
  if (!projects) throw refusal(`lacks ${projectsName}`);
  const chats = source.entries.filter(({ name }) => chatIdOf(name) !== null);
  const shared = source.entries.filter(({ name }) => Object.hasOwn(sharedTables, name));
  const files = source.find(filesName);
  const known = new Set([
    headName,
    projectsName,
    filesName,
    summaryName,
    ...[...shared, ...chats].map(({ name }) => name),
  ]);
  const other = source.entries.find(({ name }) => !known.has(name) && !isContentName(name));
  if (other) throw refusal(`has a file that does not belong to it: ${other.name.slice(0, 80)}`);
  return { projects, shared, chats, files };
}

/** Errors: ImportRefused, with a sentence that names the problem. */
export async function checkArchive(
  db: Queryable,
  source: ImportSource,
  { ownerId, signal }: CountContext,
): Promise<ImportCount> {
  const { projects, shared, chats, files } = await sortEntries(source);
  await checkProjects(db, projects, ownerId);
  const reader = await RecordReader.open(db, Object.values(chatParts), ownerId);
  let messages = 0;
  for (const entry of chats) {
    signal.throwIfAborted();
    messages += await checkChat(entry, reader);
  }
  for (const entry of shared) {
    const sharedReader = await RecordReader.open(db, tablesOfShared(entry), ownerId);
    for await (const line of linesOf(await entry.open())) sharedReader.read(line);
  }
  const fileCount = files ? await checkFiles(db, source, files, { ownerId, signal }) : 0;
  const items = 1 + shared.length + chats.length + (files ? 1 : 0);
  return { items, conversations: chats.length, messages, files: fileCount };
}

/** The tables of an entry other than projects and chats. */
export const tablesOfShared = ({ name }: ImportEntry): ArchiveTable[] =>
  Object.hasOwn(sharedTables, name) && sharedTables[name] ? [sharedTables[name]] : [];

async function readHead(source: ImportSource): Promise<Readonly<Record<string, unknown>> | null> {
  const entry = source.find(headName);
  if (!entry || entry.sizeBytes > maxHeadBytes) return null;
  for await (const line of linesOf(await entry.open())) {
    const head: unknown = JSON.parse(line);
    return typeof head === 'object' && head !== null ? { ...head } : null;
  }
  return null;
}

async function checkProjects(db: Queryable, entry: ImportEntry, ownerId: string): Promise<void> {
  const reader = await RecordReader.open(db, [projectTable, draftTable], ownerId);
  const ids = new Set<unknown>();
  for await (const line of linesOf(await entry.open())) {
    const { table, row } = reader.read(line);
    if (table === projectTable) ids.add(row.id);
    else if (!ids.has(row.project_id) || row.project_id !== row.id || row.chat_id)
      throw refusal('has a draft of no project');
  }
}

/** Returns the number of files. Each must have its content in the archive, with the digest that names it. */
async function checkFiles(
  db: Queryable,
  source: ImportSource,
  entry: ImportEntry,
  { ownerId, signal }: CountContext,
): Promise<number> {
  const reader = await RecordReader.open(db, fileTables, ownerId);
  const ids = new Set<unknown>();
  const checked = new Set<string>();
  for await (const line of linesOf(await entry.open())) {
    signal.throwIfAborted();
    const { table, row } = reader.read(line);
    if (table !== fileTable) {
      const holders = Object.keys(holderTables).filter((name) => (row[name] ?? null) !== null);
      if (!ids.has(row.file_id) || (table === fileUseTable && holders.length !== 1))
        throw refusal('has a use of no file');
      continue;
    }
    ids.add(row.id);
    const name = contentName(String(row.sha256));
    const content = source.find(name);
    if (!content || content.sizeBytes !== row.size_bytes) throw refusal('lacks the content of a file');
    if (!checked.has(name) && (await digestOf(content)) !== row.sha256)
      throw refusal('has a file whose content is not what its name says');
    checked.add(name);
  }
  return ids.size;
}

async function digestOf(entry: ImportEntry): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of await entry.open()) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

/** Number of its messages. */
async function checkChat(entry: ImportEntry, reader: RecordReader): Promise<number> {
  const checker = new ChatChecker(chatIdOf(entry.name) ?? '');
  for await (const line of linesOf(await entry.open())) checker.take(reader.read(line));
  return checker.finish();
}

/** Checks that the rows of one chat belong together. Stores ids only. */
class ChatChecker {
  readonly #chatId: string;
  #activeLeafId: unknown = null;
  #hasChat = false;
  readonly #parents = new Map<unknown, unknown>();
  readonly #runIds = new Set<unknown>();

  constructor(chatId: string) {
    this.#chatId = chatId;
  }

  /** Errors: ImportRefused. */
  take({ table, row }: ReadRow): void {
    const { chats, messages, runs, generations } = chatParts;
    if (table !== chats && !this.#hasChat)
      throw refusal(`has a chat without its first line: ${this.#chatId}`);
    if (table === chats) {
      if (this.#hasChat || row.id !== this.#chatId) throw refusal(`has a second chat in ${this.#chatId}`);
      this.#hasChat = true;
      this.#activeLeafId = row.active_leaf_id ?? null;
      return;
    }
    const belongs = table === generations ? this.#runIds.has(row.run_id) : row.chat_id === this.#chatId;
    if (!belongs) throw refusal(`has something of another chat in ${this.#chatId}`);
    if (table === messages) this.#parents.set(row.id, row.parent_id ?? null);
    if (table === runs) {
      if ((row.ended_at_ms ?? null) === null) throw refusal('has an answer that is being written');
      this.#runIds.add(row.id);
    }
  }

  /** Returns the number of messages. Errors: ImportRefused if they do not form a tree. */
  finish(): number {
    if (this.#activeLeafId !== null && !this.#parents.has(this.#activeLeafId))
      throw refusal(`shows a message that it does not have in ${this.#chatId}`);
    const rooted = new Set<unknown>([null]);
    for (const id of this.#parents.keys()) {
      const path: unknown[] = [];
      const onPath = new Set<unknown>();
      for (let at: unknown = id; !rooted.has(at); at = this.#parents.get(at)) {
        if (onPath.has(at) || !this.#parents.has(at))
          throw refusal(`has a message without its parent in ${this.#chatId}`);
        onPath.add(at);
        path.push(at);
      }
      for (const each of path) rooted.add(each);
    }
    return this.#parents.size;
  }
}
