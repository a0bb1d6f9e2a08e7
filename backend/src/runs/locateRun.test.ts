import { formatCursor, startOfRun } from '@rill/protocol';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunBench, type RunBench } from '../../test/runBench.ts';
import { storeRun } from '../../test/testDatabase.ts';
import { toRecord } from '../log/eventLog.ts';
import { locateRun } from './locateRun.ts';
import { recoverRuns } from './recover/recoverRuns.ts';
import { createRunService } from './runService.ts';

let bench: RunBench;
beforeEach(async () => {
  bench = await openRunBench();
});
afterEach(() => bench.close());

describe('where a run is', () => {
  const locate = (runId: string, isExclusive = false) =>
    locateRun({ ...bench.dependencies, database: { ...bench.test.database, isExclusive } }, runId);
  const later = () => ({ lease_expires_at_ms: bench.clock.elapsedMs() + 1 });

  it('is here while this process executes it', async () => {
    const { runId } = await storeRun(bench.test, { boot_id: 'this-boot', ...later() });
    const live = bench.dependencies.liveRuns.open(runId);
    expect(await locate(runId)).toEqual({ kind: 'here', live });
  });

  it('is elsewhere while another process holds its lease', async () => {
    const { runId } = await storeRun(bench.test, later());
    expect(await locate(runId)).toEqual({ kind: 'elsewhere' });
    bench.clock.advance(2);
    expect(await locate(runId)).toEqual({ kind: 'unsaved' });
  });

  it('is unsaved when no other process can exist and its end is not stored yet', async () => {
    const { runId } = await storeRun(bench.test, later());
    expect(await locate(runId, true)).toEqual({ kind: 'unsaved' });
    const own = await storeRun(bench.test, { boot_id: 'this-boot', ...later() });
    expect(await locate(own.runId)).toEqual({ kind: 'unsaved' });
  });

  it('is finished once its end is stored', async () => {
    const { runId } = await storeRun(bench.test, { ended_at_ms: 7, last_seq: 3, state: 'completed' });
    expect(await locate(runId)).toEqual({ kind: 'finished', lastSeq: 3, thinkingLength: 0 });
  });

  it('is finished when its owner ends it between the reads of its end and of its lease', async () => {
    const { runId } = await storeRun(bench.test, later());
    const { database } = bench.test;
    const { prepared } = database.reader;
    const look = { count: 0 };
    const first: typeof prepared.first = async (text, values) => {
      const row = await prepared.first(text, values);
      look.count += 1;
      if (look.count === 1)
        await database.transaction((transaction) =>
          transaction
            .updateTable('runs')
            .set({ ended_at_ms: 7, last_seq: 3 })
            .where('id', '=', runId)
            .execute(),
        );
      return row;
    };
    const reader = new Proxy(database.reader, {
      get(target, name) {
        const value = name === 'prepared' ? { ...prepared, first } : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const dependencies = { ...bench.dependencies, database: { ...database, reader, isExclusive: false } };
    expect(await locateRun(dependencies, runId)).toEqual({ kind: 'finished', lastSeq: 3, thinkingLength: 0 });
  });

  it('that was lost in a stopped process is found by readers once another one has ended it', async () => {
    const { key, runId } = await storeRun(bench.test, later());
    await bench.dependencies.log.append({ runId, epoch: 1 }, buildLog([], null, runId).map(toRecord));
    await recoverRuns(bench.dependencies);
    const runs = createRunService(bench.dependencies);
    const cursor = formatCursor(startOfRun(runId));
    expect(await runs.attach(key, cursor)).toMatchObject({ runId });
  });

  it('that is neither here nor in the log is refused for a moment', async () => {
    const { key } = await storeRun(bench.test, later());
    const database = { ...bench.test.database, isExclusive: false };
    const runs = createRunService({ ...bench.dependencies, database });
    const refused = { code: 'server_busy', retryAfterMs: 1000 };
    await expect(runs.attach(key, null)).rejects.toMatchObject(refused);
  });
});
