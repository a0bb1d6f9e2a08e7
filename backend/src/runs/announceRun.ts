/** A run that began or ended, told to its person's feed once that is committed. */
import type { Chat, Run } from '@rill/protocol';
import type { AfterCommit, Queryable } from '../database/sqliteDatabase.ts';
import { getChat } from '../store/chats.ts';
import { getRun } from '../store/runs.ts';
import type { RunDependencies } from './runDependencies.ts';

/** Tells of a run and its chat as they are once the transaction is committed. */
export function announce(
  { feeds }: Pick<RunDependencies, 'feeds'>,
  afterCommit: AfterCommit,
  { ownerId, run, chat }: { readonly ownerId: string; readonly run: Run; readonly chat: Chat },
): void {
  afterCommit(() => {
    feeds.publish(ownerId, { type: 'run-change', data: { run } });
    feeds.publish(ownerId, { type: 'chat-change', data: { chat } });
  });
}

/** Reads the run and its chat as the transaction leaves them. Call it last in the transaction. */
export async function announceRun(
  { feeds }: Pick<RunDependencies, 'feeds'>,
  transaction: Queryable,
  afterCommit: AfterCommit,
  { ownerId, runId }: { readonly ownerId: string; readonly runId: string },
): Promise<void> {
  const run = await getRun(transaction, ownerId, runId);
  const { projectId, chatId } = run;
  const chat = await getChat(transaction, { ownerId, projectId, chatId });
  announce({ feeds }, afterCommit, { ownerId, run, chat });
}
