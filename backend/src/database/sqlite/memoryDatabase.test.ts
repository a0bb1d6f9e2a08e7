import { v7 as newId } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openCountedLog } from '../../../test/countedLog.ts';
import { describeEventLog } from '../../../test/eventLogContract.ts';
import { describeChats } from '../../../test/store/chatsContract.ts';
import { describeManyChats } from '../../../test/store/manyChatsContract.ts';
import { describeMessages } from '../../../test/store/messagesContract.ts';
import { describeMessageTree } from '../../../test/store/messageTreeContract.ts';
import { describeUnsent } from '../../../test/store/unsentContract.ts';
import { describeUsageLookups } from '../../../test/store/usageLookupsContract.ts';
import { openTestDatabase, storeChat, storeRun } from '../../../test/testDatabase.ts';
import { systemClock } from '../../clock.ts';
import { seedDatabase } from '../../store/seed.ts';
import { openMemoryDatabase, tablesOf } from './memoryDatabase.ts';

async function openTestMemory() {
  const stored = await openTestDatabase();
  const database = openMemoryDatabase(tablesOf(stored.database), systemClock);
  await stored.close();
  const projectId = newId();
  await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  return { database, projectId, close: () => database.close() };
}

async function openMemoryLog() {
  const test = await openTestMemory();
  return {
    ...test,
    ...openCountedLog(test.database),
    // There is nowhere else to see it from.
    seqsSeenElsewhere: async (runId: string) =>
      test.database.reader.statements
        .prepare('SELECT seq FROM run_events WHERE run_id = ? ORDER BY seq')
        .allRows([runId])
        .map((row) => Number(row.seq)),
  };
}

describe('the store in memory', () => {
  describeChats(openTestMemory);
  describeManyChats(openTestMemory);
  describeMessages(openTestMemory);
  describeMessageTree(openTestMemory);
  describeUsageLookups(openTestMemory);
  describeUnsent(openTestMemory);
});
describeEventLog('the event log in memory', openMemoryLog, { isIsolated: false });

describe('the database in memory', () => {
  let test: Awaited<ReturnType<typeof openTestMemory>>;
  afterEach(() => test.close());

  it('tells at once which chats and runs it has', async () => {
    test = await openTestMemory();
    const { chatId } = await storeChat(test);
    const { runId } = await storeRun(test);
    const { database } = test;
    expect([database.hasChat(chatId), database.hasRun(runId)]).toEqual([true, true]);
    expect([database.hasChat(runId), database.hasRun(chatId)]).toEqual([false, false]);
  });

  it('asks nothing for a request while only housekeeping has used it', async () => {
    const stored = await openTestDatabase();
    const database = openMemoryDatabase(tablesOf(stored.database), systemClock);
    await stored.close();
    test = { database, projectId: '', close: () => database.close() };
    await database.transaction((transaction) => transaction.deleteFrom('chats').execute());
    const prepare = vi.spyOn(database.reader.statements, 'prepare');
    expect(database.hasChat('a chat')).toBe(false);
    expect(prepare).not.toHaveBeenCalled();
  });

  it('rolls back a failed transaction, and calls back after those that did not fail', async () => {
    test = await openTestMemory();
    const called: string[] = [];
    const insert = (id: string) =>
      test.database.transaction(async (transaction, afterCommit) => {
        afterCommit(() => void called.push(id));
        await transaction.insertInto('owners').values({ id, name: id, created_at_ms: 1 }).execute();
        if (id === 'bad') throw new Error('changed its mind');
      });
    await expect(insert('bad')).rejects.toThrow('changed its mind');
    await insert('good');
    const owners = await test.database.reader.selectFrom('owners').select('id').orderBy('id').execute();
    expect([owners.map(({ id }) => id), called]).toEqual([['good', 'local'], ['good']]);
  });
});
