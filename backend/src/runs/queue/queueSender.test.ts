import { afterEach, beforeEach, expect, it } from 'vitest';
import { answering, openRunBench, type RunBench } from '../../../test/runBench.ts';
import { openTestDatabase, storeChat, type TestDatabase } from '../../../test/testDatabase.ts';
import { findLatestRun } from '../../store/runs.ts';
import { addQueued, getQueue } from '../../store/unsent/chatQueues.ts';
import { createQueueSender } from './queueSender.ts';

let bench: RunBench;
/** A database as it was before anything waited. */
let earlier: TestDatabase;
beforeEach(async () => {
  bench = await openRunBench({ llm: answering(['Text']) });
  earlier = await openTestDatabase(bench.clock);
});
afterEach(async () => {
  await earlier.close();
  await bench.close();
});

it('a message that is added while its chat is being checked is sent', async () => {
  const { database } = bench.test;
  const key = await storeChat(bench.test);
  const readers = [earlier.database.reader];
  const dependencies = {
    ...bench.dependencies,
    database: {
      ...database,
      get reader() {
        return readers.shift() ?? database.reader;
      },
    },
  };
  createQueueSender(dependencies, () => false);
  const message = { id: 'first', key: 'k', content: 'Waited', model: null, files: [], createdAtMs: 1 };
  await database.transaction((transaction) => addQueued(transaction, { ...message, ...key }));
  dependencies.queueWakes.tell({ ...key, endedRunId: null });
  dependencies.queueWakes.tell({ ...key, endedRunId: null });
  await expect
    .poll(() => findLatestRun(database.reader, key.chatId))
    .toMatchObject({ endedAtMs: expect.any(Number) });
  expect((await getQueue(database.reader, key.chatId)).messages).toEqual([]);
});
