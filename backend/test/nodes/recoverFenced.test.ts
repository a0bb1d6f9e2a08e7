import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toRecord } from '../../src/log/eventLog.ts';
import { openPostgresEventLog, type PostgresEventLog } from '../../src/log/postgres/postgresEventLog.ts';
import { recoverFenced } from '../../src/runs/recover/recoverFenced.ts';
import { createRunService } from '../../src/runs/runService.ts';
import { getMessage } from '../../src/store/messages.ts';
import { findRunRow } from '../../src/store/runs.ts';
import { framesOf } from '../eventLogContract.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { answering, openRunBench, type RunBench, sendTo } from '../runBench.ts';
import { type StoredRun, storeChat, storeRun } from '../testDatabase.ts';
import { type NodesBench, openNodesBench, type TestNode } from './nodesBench.ts';

let nodes: NodesBench;
let opened: { readonly bench: RunBench; readonly log: PostgresEventLog }[];
beforeEach(async () => {
  nodes = await openNodesBench();
  opened = [];
});
afterEach(async () => {
  for (const { bench, log } of opened) {
    await log.close();
    await bench.close();
  }
  await nodes.close();
});

/** The stages of a node, with the provider that it asks. */
async function stagesOf({ database, bootId }: TestNode, llm = answering(['Text'])) {
  const bench = await openRunBench({ database, bootId, llm });
  const log = await openPostgresEventLog({
    database,
    bootId,
    clock: bench.clock,
    outageMs: 0,
    logger: { info: () => undefined, warn: () => undefined },
    onCancelled: () => undefined,
    onFenced: () => undefined,
  });
  opened.push({ bench, log });
  return { ...bench, dependencies: { ...bench.dependencies, log }, log };
}

/** Stores a run that a node has shown a text of. */
async function leaveOpen({ bootId }: TestNode, log: PostgresEventLog, text: string): Promise<StoredRun> {
  const stored = await storeRun(nodes.test, { boot_id: bootId });
  const records = buildLog([{ kind: 'chunk', text }], null, stored.runId).map(toRecord);
  await log.append({ runId: stored.runId, epoch: 1 }, records);
  return stored;
}

const reader = () => nodes.test.database.reader;
const answerOf = ({ key, answer }: StoredRun) => getMessage(reader(), key.chatId, answer.id);

describeWithPostgres('the runs of a node that was fenced', () => {
  it('end with all their text, each once, though two nodes end them at once; those of others continue', async () => {
    const [gone, live] = [await nodes.join(), await nodes.join()];
    const { log } = await stagesOf(gone);
    const kept = await leaveOpen(live, (await stagesOf(live)).log, 'Still being written');
    const left: StoredRun[] = [];
    for (let number = 0; number < 60; number++) left.push(await leaveOpen(gone, log, `Text ${number}`));
    await gone.node.retire();
    const ends = [await nodes.join(), await nodes.join()].map(async (node) =>
      recoverFenced((await stagesOf(node)).dependencies),
    );
    await Promise.all(ends);
    for (const [number, stored] of left.entries()) {
      expect(await answerOf(stored)).toMatchObject({ status: 'interrupted', content: `Text ${number}` });
      const types = (await framesOf(log, stored.runId)).map(({ event }) => event.type);
      expect(types.filter((type) => type === 'done' || type === 'error')).toEqual(['error']);
      expect(await findRunRow(reader(), stored.runId)).toMatchObject({ epoch: 2, recovery_attempts: 1 });
    }
    expect(await findRunRow(reader(), kept.runId)).toMatchObject({ epoch: 1, ended_at_ms: null });
  });

  it('are executed again when nothing of them was shown, and the node that is gone writes no more of them', async () => {
    const [gone, other] = [await nodes.join(), await nodes.join()];
    const old = await stagesOf(gone, answering([], 'hold'));
    const runs = createRunService(old.dependencies);
    const { runId, source } = await runs.send(sendTo(await storeChat(nodes.test)));
    await gone.node.retire();
    const { dependencies } = await stagesOf(other, answering(['Again']));
    await recoverFenced(dependencies);
    await dependencies.activeRequests.whenEmpty();
    const row = await findRunRow(reader(), runId);
    expect(row).toMatchObject({ state: 'completed', epoch: 2, boot_id: other.bootId });
    await runs.interruptAll();
    expect(source.isClosed).toBe(true);
    expect(await findRunRow(reader(), runId)).toEqual(row);
    expect(await getMessage(reader(), row?.chat_id ?? '', row?.message_id ?? '')).toMatchObject({
      content: 'Again',
      status: 'completed',
    });
  });

  it('are claimed by no node that was fenced itself', async () => {
    const [gone, fenced] = [await nodes.join(), await nodes.join()];
    const left = await leaveOpen(gone, (await stagesOf(gone)).log, 'Text');
    const { dependencies } = await stagesOf(fenced);
    await gone.node.retire();
    await fenced.node.retire();
    await recoverFenced(dependencies);
    expect(await findRunRow(reader(), left.runId)).toMatchObject({ epoch: 1, ended_at_ms: null });
  });
});
