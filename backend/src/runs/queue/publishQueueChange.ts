/** Publishes to the user's feed that a queue changed, once that is committed. */
import type { AfterCommit, Queryable } from '../../database/database.ts';
import type { ChatKey } from '../../store/chats/chats.ts';
import { getQueue } from '../../store/unsent/chatQueues.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Reads the revision as the transaction leaves it. Call it last in the transaction. */
export async function publishQueueChange(
  dependencies: Pick<RunDependencies, 'feeds'>,
  transaction: Queryable,
  afterCommit: AfterCommit,
  key: ChatKey,
): Promise<void> {
  const { revision } = await getQueue(transaction, key.chatId);
  publishRevision(dependencies, afterCommit, key, revision);
}

/** The same with a known revision. */
export function publishRevision(
  { feeds }: Pick<RunDependencies, 'feeds'>,
  afterCommit: AfterCommit,
  { ownerId, projectId, chatId }: ChatKey,
  revision: number,
): void {
  feeds.add(afterCommit, ownerId, [{ type: 'queue-change', data: { projectId, chatId, revision } }]);
}
