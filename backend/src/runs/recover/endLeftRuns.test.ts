import { setImmediate } from 'node:timers/promises';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunBench, type RunBench, turnUntil } from '../../../test/runBench.ts';
import { type StoredRun, storeRun } from '../../../test/testDatabase.ts';
import { toRecord } from '../../log/eventLog.ts';
import { getMessage } from '../../store/messages.ts';
import { findRunRow } from '../../store/runs.ts';
import { createEndLeftRuns } from './endLeftRuns.ts';

let bench: RunBench;
beforeEach(async () => {
  bench = await openRunBench();
});
afterEach(() => bench.close());

/** Stores a run of a process start with some text, which is open as far as the database knows. */
async function storeOpen(boot_id: string): Promise<StoredRun> {
  const stored = await storeRun(bench.test, { boot_id });
  const records = buildLog([{ kind: 'chunk', text: 'Hello' }], null, stored.runId).map(toRecord);
  await bench.dependencies.log.append({ runId: stored.runId, epoch: 1 }, records);
  return stored;
}

const reader = () => bench.test.database.reader;
const endOf = async ({ runId }: StoredRun) => (await findRunRow(reader(), runId))?.ended_at_ms ?? null;
const statusOf = async ({ key, answer }: StoredRun) =>
  (await getMessage(reader(), key.chatId, answer.id)).status;

/** Lets planned ends happen. */
async function passTimers(): Promise<void> {
  bench.clock.advance(1);
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

it('a run that is open again after its end was lost is ended at the second look, with its text', async () => {
  const stored = await storeOpen('this-boot');
  const endLeftRuns = createEndLeftRuns(bench.dependencies);
  await endLeftRuns();
  await passTimers();
  expect(await endOf(stored)).toBeNull();
  await endLeftRuns();
  bench.clock.advance(1);
  const state = { isEnded: false };
  await turnUntil(() => {
    void endOf(stored).then((atMs) => (state.isEnded = atMs !== null));
    return state.isEnded;
  });
  expect(await getMessage(reader(), stored.key.chatId, stored.answer.id)).toMatchObject({
    status: 'interrupted',
    content: 'Hello',
  });
});

it('runs that this process executes, and those of others, are left alone', async () => {
  const executed = await storeOpen('this-boot');
  bench.dependencies.activeRequests.register(executed.runId);
  const foreign = await storeOpen('that-boot');
  const endLeftRuns = createEndLeftRuns(bench.dependencies);
  for (let look = 0; look < 3; look += 1) {
    await endLeftRuns();
    await passTimers();
  }
  expect([await statusOf(executed), await statusOf(foreign)]).toEqual(['streaming', 'streaming']);
  expect(bench.logged).toEqual([]);
});
