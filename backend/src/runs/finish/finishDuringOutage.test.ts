import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunBench, type RunBench, turnUntil } from '../../../test/runBench.ts';
import { type StoredRun, storeRun } from '../../../test/testDatabase.ts';
import type { Database } from '../../database/database.ts';
import { LeaseLost } from '../../log/eventLog.ts';
import { getMessage } from '../../store/messages.ts';
import { finishDuringOutage } from './finishDuringOutage.ts';

class Unreachable extends Error {}

let bench: RunBench;
let stored: StoredRun;
beforeEach(async () => {
  bench = await openRunBench();
  stored = await storeRun(bench.test);
});
afterEach(() => bench.close());

/** Ends the run on a database that answers as `transaction` says. */
function end(transaction: Database['transaction'], hasNodes = true) {
  const database: Database = {
    ...bench.test.database,
    hasNodes,
    transaction,
    failureOf: (error) => (error instanceof Unreachable ? 'failed' : null),
  };
  const { runId, answer } = stored;
  return finishDuringOutage(
    { ...bench.dependencies, database },
    {
      lease: { runId, epoch: 1 },
      ownerId: stored.key.ownerId,
      message: { ...answer, status: 'completed', content: 'All of it' },
      generations: [],
      last: { runId, seq: 3, contentLength: 9, reasoningLength: 0 },
    },
  );
}

/** Lets the pauses between attempts pass until the work is done. */
async function passPauses<Result>(work: Promise<Result>): Promise<Result> {
  const state = { isDone: false };
  const done = () => {
    state.isDone = true;
  };
  void work.then(done, done);
  while (!state.isDone) {
    await turnUntil(() => state.isDone || bench.clock.pendingTimers > 0);
    bench.clock.advance(500);
  }
  return work;
}

const stores = (): Database['transaction'] => (work, durability) =>
  bench.test.database.transaction(work, durability);

it('an end is stored once the database can be reached again', async () => {
  let failures = 5;
  const finished = await passPauses(
    end((work, durability) =>
      failures-- > 0 ? Promise.reject(new Unreachable()) : stores()(work, durability),
    ),
  );
  expect(finished.record.cursor.seq).toBe(4);
  const { key, answer } = stored;
  expect(await getMessage(bench.test.database.reader, key.chatId, answer.id)).toMatchObject({
    status: 'completed',
  });
});

it('an end that was stored although its answer was lost counts as stored', async () => {
  let attempt = 0;
  const finished = await passPauses(
    end(async (work, durability) => {
      const result = await stores()(work, durability);
      attempt += 1;
      if (attempt === 1) throw new Unreachable();
      return result;
    }),
  );
  expect(finished.record.cursor.seq).toBe(4);
});

it('an end is given up after half a minute, and at once where only the local disk can fail', async () => {
  const attempts = { count: 0 };
  const never = () => {
    attempts.count += 1;
    return Promise.reject(new Unreachable());
  };
  await expect(passPauses(end(never))).rejects.toBeInstanceOf(Unreachable);
  expect(attempts.count).toBe(62);
  attempts.count = 0;
  await expect(end(never, false)).rejects.toBeInstanceOf(Unreachable);
  expect(attempts.count).toBe(1);
});

it('a run that another node has claimed is not ended again', async () => {
  const lost = () => Promise.reject(new LeaseLost(stored.runId));
  await expect(passPauses(end(lost))).rejects.toBeInstanceOf(LeaseLost);
});
