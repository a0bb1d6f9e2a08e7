/** Opens the product's log on the product's database. */
import { join } from 'node:path';
import { openSqliteDatabase } from '../../../backend/src/database/sqlite/sqliteDatabase.ts';
import { createSqliteEventLog } from '../../../backend/src/log/sqliteEventLog.ts';
import { watchCheckpoints } from './checkpointWatch.ts';
import { type OpenLog, runIdOf } from './openLog.ts';

const ownerId = 'local';
const projectId = 'bench-project';

export async function openSqliteLog(folder: string): Promise<OpenLog> {
  const database = await openSqliteDatabase(folder);
  const { append } = createSqliteEventLog(database);
  const watch = watchCheckpoints(join(folder, 'rill.sqlite'));
  return {
    append,
    isTidyingUp: () => watch.isUnderWay(),
    async beginRuns(count) {
      const leases = Array.from({ length: count }, (_, index) => ({ runId: runIdOf(index), epoch: 1 }));
      await database.transaction(async (transaction) => {
        const times = { created_at_ms: 1, updated_at_ms: 1 };
        await transaction
          .insertInto('owners')
          .values({ id: ownerId, name: 'Local', created_at_ms: 1 })
          .execute();
        await transaction
          .insertInto('projects')
          .values({ id: projectId, owner_id: ownerId, name: 'Bench', ...times })
          .execute();
        for (const { runId } of leases) {
          const chat = { id: `chat-${runId}`, owner_id: ownerId, project_id: projectId };
          await transaction
            .insertInto('chats')
            .values({ ...chat, title: 'Bench', ...times })
            .execute();
          await transaction.insertInto('runs').values(openRun(runId, chat.id)).execute();
        }
      });
      return leases;
    },
    async close() {
      await database.close();
      watch.close();
    },
  };
}

const openRun = (runId: string, chatId: string) => ({
  id: runId,
  owner_id: ownerId,
  project_id: projectId,
  chat_id: chatId,
  message_id: `message-${runId}`,
  state: 'streaming' as const,
  model: 'bench/stream',
  settings_json: '{}',
  boot_id: 'bench',
  epoch: 1,
  lease_expires_at_ms: Number.MAX_SAFE_INTEGER,
  created_at_ms: 1,
});
