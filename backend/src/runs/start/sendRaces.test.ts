import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { storeChat } from '../../../test/testDatabase.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { LiveRuns } from '../../delivery/liveRuns.ts';
import type { ChatKey } from '../../store/chats/chats.ts';
import { insertRun } from '../../store/runs.ts';
import { ActiveRequests } from '../activeRequests.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { SendRequest } from './send.ts';
import { startRun } from './startRun.ts';

let bench: RunBench;
let key: ChatKey;
beforeEach(async () => {
  bench = await openRunBench();
  key = await storeChat(bench.test);
});
afterEach(() => bench.close());

/** The same database, opened as another process does. */
const otherNode = (): RunDependencies => ({
  ...bench.dependencies,
  bootId: 'another-boot',
  activeRequests: new ActiveRequests(),
  liveRuns: new LiveRuns(),
});

const countOf = async (table: 'runs' | 'messages' | 'send_keys') =>
  (await bench.test.database.reader.selectFrom(table).selectAll().execute()).length;

/** The error of a row that an index refuses. */
const storeAgain = {
  async 'active run'(transaction: WriteTransaction) {
    const { lease_expires_at_ms: _, ...row } = await transaction
      .selectFrom('runs')
      .selectAll()
      .executeTakeFirstOrThrow();
    await insertRun(transaction, { ...row, id: 'a-second-run' });
  },
  async 'send key'(transaction: WriteTransaction) {
    const row = await transaction.selectFrom('send_keys').selectAll().executeTakeFirstOrThrow();
    await transaction.insertInto('send_keys').values(row).execute();
  },
};

async function startElsewhere(request: SendRequest): Promise<string> {
  const started = await startRun(otherNode(), request);
  return started.kind === 'started' ? started.run.id : started.runId;
}

describe('a send that another process overtakes after its check', () => {
  /**
   * Imitates a database with several writers: an index refuses the first transaction, because another commit came
   * first.
   */
  function overtakenBy(request: SendRequest, index: keyof typeof storeAgain) {
    const { database } = bench.test;
    const state: { runId: string | null } = { runId: null };
    const transaction: Database['transaction'] = async (work, durability) => {
      if (state.runId !== null) return database.transaction(work, durability);
      state.runId = await startElsewhere(request);
      await database.transaction(storeAgain[index]);
      throw new Error('The index refused nothing.');
    };
    return { state, dependencies: { ...bench.dependencies, database: { ...database, transaction } } };
  }

  it('is refused with the id of the active run', async () => {
    const { state, dependencies } = overtakenBy(sendTo(key, 'Theirs'), 'active run');
    await expect(startRun(dependencies, sendTo(key, 'Ours'))).rejects.toMatchObject({
      code: 'run_active',
      details: { runId: state.runId ?? expect.any(String) },
    });
    expect([await countOf('runs'), await countOf('messages')]).toEqual([1, 2]);
    expect([dependencies.activeRequests.size, dependencies.liveRuns.size]).toEqual([0, 0]);
  });

  it('finds the run of the same send', async () => {
    const request = sendTo(key, 'Hello', 'key-1');
    const { state, dependencies } = overtakenBy(request, 'send key');
    expect(await startRun(dependencies, request)).toEqual({ kind: 'known', runId: state.runId });
    expect([await countOf('runs'), await countOf('send_keys')]).toEqual([1, 1]);
  });

  it('does not retry after another failure of the database', async () => {
    const state = { attempts: 0 };
    const database = {
      ...bench.test.database,
      transaction: () => {
        state.attempts += 1;
        return Promise.reject(Object.assign(new Error('disk full'), { errcode: 13 }));
      },
    };
    await expect(startRun({ ...bench.dependencies, database }, sendTo(key))).rejects.toThrow('disk full');
    expect(state.attempts).toBe(1);
  });
});

describe('a second connection that commits between the read and the write', () => {
  /** Copies of the rows of another send, which a connection of its own inserts after our read and before our write. */
  async function commitBetween(request: SendRequest, copyKey: boolean) {
    const template = await storeChat(bench.test);
    await startElsewhere({ ...sendTo(template, 'Hello'), sendKey: request.sendKey });
    const other = new DatabaseSync(join(bench.test.dataDirectory, 'rill.sqlite'));
    const state = { ids: 0 };
    const dependencies: RunDependencies = {
      ...bench.dependencies,
      newId: () => {
        state.ids += 1;
        // The first id is that of the run; the second is created within the transaction.
        if (state.ids === 2) {
          other.exec(`BEGIN; CREATE TEMP TABLE run AS SELECT * FROM runs; UPDATE run SET id = 'theirs',
            chat_id = '${key.chatId}'; INSERT INTO runs SELECT * FROM run`);
          if (copyKey) {
            other.exec(`CREATE TEMP TABLE made AS SELECT * FROM send_keys; UPDATE made SET run_id = 'theirs',
              chat_id = '${key.chatId}'; INSERT INTO send_keys SELECT * FROM made`);
          }
          other.exec('COMMIT');
          other.close();
        }
        return bench.dependencies.newId();
      },
    };
    const outcome = startRun(dependencies, request).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await turnUntil(() => bench.clock.pendingTimers === 1);
    bench.clock.advance(25);
    return outcome;
  }

  it('is detected: the send is refused with the id of its active run', async () => {
    const outcome = await commitBetween(sendTo(key, 'Ours'), false);
    expect(outcome).toMatchObject({ error: { code: 'run_active', details: { runId: 'theirs' } } });
  });

  it('is detected: the send finds the run of its key', async () => {
    const outcome = await commitBetween(sendTo(key, 'Hello', 'key-1'), true);
    expect(outcome).toEqual({ value: { kind: 'known', runId: 'theirs' } });
  });
});

it('locks its chat before it reads, so that nothing it read changes until it is stored', async () => {
  const { database } = bench.test;
  await startElsewhere(sendTo(await storeChat(bench.test)));
  const { lease_expires_at_ms: _, ...row } = await database.reader
    .selectFrom('runs')
    .selectAll()
    .executeTakeFirstOrThrow();
  const locks: Database['locks'] = {
    ...database.locks,
    // What is called after this sees it, as it sees what a lock waited for.
    chat: (transaction, chatId) => insertRun(transaction, { ...row, id: 'theirs', chat_id: chatId }),
  };
  const dependencies = { ...bench.dependencies, database: { ...database, locks } };
  await expect(startRun(dependencies, sendTo(key))).rejects.toMatchObject({
    code: 'run_active',
    details: { runId: 'theirs' },
  });
});
