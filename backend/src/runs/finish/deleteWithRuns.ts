/** Deletes chats of the bin, or a project, for good, and cancels their active runs. */
import type { Chat, FeedEvent } from '@rill/protocol';
import type { Queryable, TransactionWork } from '../../database/database.ts';
import { deleteBinned, listBinned, type OwnChats } from '../../store/chats/manyChats.ts';
import { deleteProject, getProject } from '../../store/projects.ts';
import { type Page, readAllPages } from '../../store/readAllPages.ts';
import { listOpenRunsOfChats, listOpenRunsOfProject, requestCancel } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { RunCancelled } from './abortReasons.ts';
import { abortMarked } from './markedRuns.ts';
import { waitForEnds } from './waitForEnds.ts';

/** The feed events that remove the chats from all lists. */
export const chatDeletes = (chats: readonly Chat[]): FeedEvent[] =>
  chats.map(({ id, projectId }) => ({ type: 'chat-delete', data: { projectId, chatId: id } }));

type Dependencies = Pick<
  RunDependencies,
  'activeRequests' | 'clock' | 'closing' | 'database' | 'elsewhere' | 'feeds'
>;

/** Chats per transaction: their messages are deleted with them, while other writes wait. */
const chatsAtOnce = 20;

/** Deletes for good those of the chats that are in the bin, and returns them. */
export async function deleteBinnedWithRuns(dependencies: Dependencies, chats: OwnChats): Promise<Chat[]> {
  const deleted: Chat[] = [];
  for (let start = 0; start < chats.chatIds.length; start += chatsAtOnce) {
    const chatIds = chats.chatIds.slice(start, start + chatsAtOnce);
    deleted.push(...(await deleteSomeBinned(dependencies, { ...chats, chatIds })));
  }
  return deleted;
}

async function deleteSomeBinned(dependencies: Dependencies, { ownerId, chatIds }: OwnChats): Promise<Chat[]> {
  const { database, feeds } = dependencies;
  const binned = await listBinned(database.reader, { ownerId, chatIds });
  if (binned.length === 0) return [];
  const active = await listOpenRunsOfChats(
    database.reader,
    binned.map(({ id }) => id),
  );
  let deleted: Chat[] = [];
  await cancelAroundDelete(dependencies, active, async (transaction, afterCommit) => {
    for (const { id } of binned) await database.locks.chat(transaction, id);
    deleted = await deleteBinned(transaction, { ownerId, chatIds });
    feeds.add(afterCommit, ownerId, chatDeletes(deleted));
    // No run can begin in a chat in the bin.
    return [];
  });
  return deleted;
}

/** Errors: not_found. */
export async function deleteProjectWithRuns(
  dependencies: Dependencies,
  ownerId: string,
  projectId: string,
): Promise<void> {
  const { database, feeds } = dependencies;
  await getProject(database.reader, ownerId, projectId);
  const active = await listOpenRunIds(database.reader, projectId);
  await cancelAroundDelete(dependencies, active, async (transaction, afterCommit) => {
    const latecomers = await listOpenRunIds(transaction, projectId);
    await deleteProject(transaction, ownerId, projectId);
    feeds.add(afterCommit, ownerId, [{ type: 'project-delete', data: { projectId } }]);
    return latecomers;
  });
}

/**
 * Cancels the runs and waits for their end, then deletes. `deleteRows` resolves with the runs that began in between:
 * their rows are gone, and they are cancelled afterwards.
 */
async function cancelAroundDelete(
  dependencies: Dependencies,
  runIds: readonly string[],
  deleteRows: TransactionWork<readonly string[]>,
): Promise<void> {
  await cancelAndWait(dependencies, runIds);
  await cancelAndWait(dependencies, await dependencies.database.transaction(deleteRows));
}

/** How long to wait for runs of other processes, in milliseconds: later writes of theirs are refused. */
const endWaitMs = 2000;

async function cancelAndWait(dependencies: Dependencies, runIds: readonly string[]): Promise<void> {
  const { activeRequests, clock, database } = dependencies;
  const own = runIds.filter((runId) => activeRequests.get(runId));
  const others = database.isExclusive ? [] : runIds.filter((runId) => !activeRequests.get(runId));
  const ownEnded = waitForEnds(dependencies, own);
  for (const runId of own) activeRequests.abort(runId, new RunCancelled());
  if (others.length > 0) {
    await database.transaction(async (transaction) => {
      for (const runId of others) await requestCancel(transaction, runId, clock.nowMs());
    }, 'process-death');
    for (const runId of others) abortMarked(dependencies, runId);
    await waitForEnds(dependencies, others, endWaitMs);
  }
  await ownEnded;
}

async function listOpenRunIds(db: Queryable, projectId: string): Promise<string[]> {
  const list = (page: Page<string>) => listOpenRunsOfProject(db, projectId, page);
  return (await readAllPages(list, ({ chat_id }) => chat_id)).map(({ id }) => id);
}
