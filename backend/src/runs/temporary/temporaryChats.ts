/**
 * Makes, keeps and ends temporary chats, which are only in the memory of this process. Their messages, runs and events
 * are in a database in memory, which the stages are given instead of the stored one. Invariant: nothing of such a chat
 * is on disk before it is kept, and it is in one of the two databases at a time.
 */
import { type Chat, maxFileBytes, type Project, RillError } from '@rill/protocol';
import { type ChatKey, findOwnChat, getChat, insertChat, type NewChat } from '../../store/chats/chats.ts';
import { binChats } from '../../store/chats/manyChats.ts';
import {
  findOldTemporary,
  insertWholeChat,
  mirrorProject,
  readWholeChat,
} from '../../store/chats/temporaryRows.ts';
import { deleteFilesWithoutUse } from '../../store/files/files.ts';
import { mirrorProjectFiles, readProjectFileRows } from '../../store/files/projectFiles.ts';
import { getProject } from '../../store/projects.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { RunService } from '../runService.ts';

export interface TemporaryChatsOptions {
  /** The stages on the database that is stored. */
  readonly stored: Pick<RunDependencies, 'database' | 'feeds' | 'files'>;
  /** The stages on the one in memory. */
  readonly inMemory: Pick<RunDependencies, 'database' | 'clock' | 'files' | 'logger'>;
  readonly runs: Pick<RunService, 'deleteBinned' | 'deleteProject'>;
}

export interface TemporaryChats {
  /** Errors: not_found for the project; idempotency_mismatch for the id of another chat. */
  create(chat: NewChat): Promise<Chat>;
  /** Moves the chat to the database that is stored. Errors: not_found; run_active while an answer is being written. */
  keep(key: ChatKey): Promise<Chat>;
  /** Deletes it for good, with the answer that is being written in it. Errors: not_found. */
  end(key: ChatKey): Promise<void>;
  /** The project was changed: the next requests carry what it says now. */
  takeProject(ownerId: string, project: Project): Promise<void>;
  /** The project was deleted, and its temporary chats with it. */
  dropProject(ownerId: string, projectId: string): Promise<void>;
  /** Ends chats whose time is over, from now on; the returned function stops that. */
  startEnding(): () => void;
}

/** How long a chat stays after its last change, in milliseconds. */
const keptMs = 4 * 60 * 60_000;
const intervalMs = 60_000;
/** Chats of all users; the oldest beyond them end. */
const maxChats = 200;

export function createTemporaryChats(options: TemporaryChatsOptions): TemporaryChats {
  const { stored, inMemory, runs } = options;
  const { database } = inMemory;
  return {
    async create(chat) {
      const project = await getProject(stored.database.reader, chat.ownerId, chat.projectId);
      // An id that a stored chat has is refused, wherever the new one would be.
      if (await findOwnChat(stored.database.reader, chat))
        throw new RillError('idempotency_mismatch', { message: 'This id is already used by another chat.' });
      await mirror(options, chat.ownerId, project);
      const made = await database.transaction(async (transaction) => {
        const known = await findOwnChat(transaction, chat);
        return known ?? insertChat(transaction, { ...chat, isTemporary: true });
      });
      await endOld(options);
      return made;
    },
    keep: (key) => keepChat(options, key),
    async end(key) {
      await getChat(database.reader, key);
      await endAll(options, { ownerId: key.ownerId, chatIds: [key.chatId] });
    },
    takeProject: (ownerId, project) => mirror(options, ownerId, project),
    async dropProject(ownerId, projectId) {
      await runs.deleteProject(ownerId, projectId).catch((error: unknown) => {
        // None of its chats was temporary.
        if (!(error instanceof RillError) || error.code !== 'not_found') throw error;
      });
    },
    startEnding: () => startEnding(options),
  };
}

/** Copies a project and its files into memory, where its temporary chats need them. */
async function mirror(
  { stored, inMemory }: TemporaryChatsOptions,
  ownerId: string,
  project: Project,
): Promise<void> {
  const rows = await readProjectFileRows(stored.database.reader, project.id);
  await inMemory.database.transaction(async (transaction) => {
    await mirrorProject(transaction, ownerId, project);
    await mirrorProjectFiles(transaction, project.id, rows);
  });
}

/** Moves a chat, in one transaction on each database, so that no answer begins in it meanwhile. */
function keepChat(options: TemporaryChatsOptions, key: ChatKey): Promise<Chat> {
  const { stored, inMemory } = options;
  return inMemory.database.transaction(async (transaction, afterCommit) => {
    const { activeRunId } = await getChat(transaction, key);
    if (activeRunId !== null) throw new RillError('run_active', { details: { runId: activeRunId } });
    const whole = await readWholeChat(transaction, key);
    const digests = new Set(whole.files.map(({ sha256 }) => sha256));
    for (const sha256 of digests) await storeContent(options, sha256);
    const kept = await stored.database.transaction(async (storing) => {
      await insertWholeChat(storing, whole);
      return getChat(storing, key);
    });
    await transaction.deleteFrom('chats').where('id', '=', key.chatId).execute();
    await deleteFilesWithoutUse(
      transaction,
      whole.files.map(({ id }) => id),
    );
    afterCommit(() => stored.feeds.publish(key.ownerId, [{ type: 'chat-change', data: { chat: kept } }]));
    return kept;
  });
}

/** A content that is stored without a file is removed after a while, so it does not matter what fails after this. */
async function storeContent({ stored, inMemory }: TemporaryChatsOptions, sha256: string): Promise<void> {
  const content = await inMemory.files.store.open(sha256);
  await (await stored.files.store.receive(content, maxFileBytes)).keep();
}

/** Ends chats whose time is over, once a minute, until the returned function is called. */
function startEnding(options: TemporaryChatsOptions): () => void {
  const { clock, logger } = options.inMemory;
  let cancelTimer: () => void = () => undefined;
  const plan = (): void => {
    cancelTimer = clock.schedule(intervalMs, () => {
      void endOld(options)
        .catch((error: unknown) => logger.warn({ err: error }, 'temporary chats could not be ended'))
        .then(() => plan());
    });
  };
  plan();
  return () => cancelTimer();
}

async function endOld(options: TemporaryChatsOptions): Promise<void> {
  const { database, clock } = options.inMemory;
  for (;;) {
    const limits = { beforeMs: clock.nowMs() - keptMs, keptCount: maxChats };
    const old = await findOldTemporary(database.reader, limits);
    if (!old) return;
    await endAll(options, old);
  }
}

async function endAll(
  { inMemory: { database, clock }, runs }: TemporaryChatsOptions,
  chats: { ownerId: string; chatIds: readonly string[] },
): Promise<void> {
  await database.transaction((transaction) => binChats(transaction, chats, clock.nowMs()));
  await runs.deleteBinned(chats);
}
