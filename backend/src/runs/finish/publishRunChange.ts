/** Publishes to the user's feed that a run began or ended, once that is committed. */
import type { Chat, Run } from '@rill/protocol';
import type { AfterCommit } from '../../database/database.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Publishes the run and its chat in the given state, which must be read at the end of the transaction. */
export function publishRunChange(
  { feeds }: Pick<RunDependencies, 'feeds'>,
  afterCommit: AfterCommit,
  { ownerId, run, chat }: { readonly ownerId: string; readonly run: Run; readonly chat: Chat | null },
): void {
  feeds.add(afterCommit, ownerId, [{ type: 'run-change', data: { run } }]);
  // Changes of a chat in the bin are not shown.
  if (chat?.deletedAtMs === null) feeds.add(afterCommit, ownerId, [{ type: 'chat-change', data: { chat } }]);
}
