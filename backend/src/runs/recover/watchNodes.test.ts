import { afterEach, beforeEach, expect, it } from 'vitest';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { storeChat } from '../../../test/testDatabase.ts';
import type { NodeWatch } from '../../nodes/ownNode.ts';
import { findRunRow } from '../../store/runs.ts';
import { createRunService, type DrainState } from '../runService.ts';
import { watchNodes } from './watchNodes.ts';

let bench: RunBench;
/** Whether this node may still write. */
let isAlive: boolean;
beforeEach(async () => {
  isAlive = true;
  bench = await openRunBench({ llm: answering(['Text'], 'hold') });
});
afterEach(() => bench.close());

function watched() {
  const { database } = bench.test;
  const dependencies = {
    ...bench.dependencies,
    database: { ...database, locks: { ...database.locks, node: async () => isAlive } },
  };
  const drain: DrainState = { isDraining: false, refusal: null };
  const told: { watch?: NodeWatch } = {};
  const done: string[] = [];
  const node = {
    isMaintainer: true,
    listensAt: () => undefined,
    watch(watch: NodeWatch) {
      told.watch = watch;
    },
    reportFenced: () => undefined,
    retire: async () => undefined,
  };
  const { fenced, outdated } = watchNodes(node, {
    dependencies,
    drain,
    stop: () => void done.push('stop'),
    continueWork: [() => Promise.reject(new Error('busy')), async () => void done.push('work')],
  });
  return { runs: createRunService(dependencies, drain), fenced, outdated, done, watch: told.watch };
}

it('a node that was fenced stops its runs, stores no end of them, and disconnects their readers', async () => {
  const { runs, fenced, done, watch } = watched();
  const { runId, source } = await runs.send(sendTo(await storeChat(bench.test)));
  await turnUntil(() => bench.dependencies.liveRuns.get(runId)?.content === 'Text');
  isAlive = false;
  watch?.onFenced('It was too slow.');
  expect(await fenced).toBe('It was too slow.');
  await turnUntil(() => bench.dependencies.activeRequests.size === 0);
  expect([source.isClosed, done]).toEqual([true, ['stop']]);
  expect(await findRunRow(bench.test.database.reader, runId)).toMatchObject({ ended_at_ms: null, epoch: 1 });
  await expect(runs.send(sendTo(await storeChat(bench.test)))).rejects.toMatchObject({
    code: 'shutting_down',
  });
});

it('a node whose release the schema no longer supports ends its answers, and answers no request', async () => {
  const { runs, outdated, done, watch } = watched();
  const { source } = await runs.send(sendTo(await storeChat(bench.test)));
  expect(runs.refusal).toBeNull();
  watch?.onOutdated('It is too old.');
  expect(await outdated).toBe('It is too old.');
  expect([runs.refusal, runs.isDraining, source.isClosed, done]).toEqual(['It is too old.', true, false, []]);
});

it('a node that was fenced and does not know it yet stores no send, and no end', async () => {
  const { runs } = watched();
  const { runId, source } = await runs.send(sendTo(await storeChat(bench.test)));
  isAlive = false;
  const key = await storeChat(bench.test);
  await expect(runs.send(sendTo(key))).rejects.toMatchObject({ code: 'shutting_down' });
  const { reader } = bench.test.database;
  expect(await reader.selectFrom('runs').select('id').execute()).toEqual([{ id: runId }]);
  await runs.interruptAll();
  expect(source.isClosed).toBe(true);
  expect(await findRunRow(reader, runId)).toMatchObject({ ended_at_ms: null });
});

it('what one node does for all is done although a part of it fails', async () => {
  const { done, watch } = watched();
  await watch?.maintain();
  expect(done).toEqual(['work']);
  expect(bench.logged).toEqual(['warn: the work of a node that is gone was not continued']);
});
