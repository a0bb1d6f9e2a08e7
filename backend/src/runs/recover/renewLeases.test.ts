import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answering, openRunBench, type RunBench, sendTo, turnUntil } from '../../../test/runBench.ts';
import { storeChat, storeRun } from '../../../test/testDatabase.ts';
import { toRecord } from '../../log/eventLog.ts';
import { getMessage } from '../../store/messages.ts';
import { claimRun } from '../../store/runLeases.ts';
import { createRunService, type RunService } from '../runService.ts';
import { renewLeases } from './renewLeases.ts';

let bench: RunBench;
let runs: RunService;
let closing: AbortController;
beforeEach(async () => {
  closing = new AbortController();
  bench = await openRunBench({ llm: answering(['Text'], 'hold'), closing: closing.signal });
  runs = createRunService(bench.dependencies);
});
afterEach(async () => {
  closing.abort();
  await runs.interruptAll();
  expect(bench.clock.pendingTimers).toBe(0);
  await bench.close();
});

const reader = () => bench.test.database.reader;
const leaseOf = async (runId: string) =>
  reader().selectFrom('runs').select('lease_expires_at_ms').where('id', '=', runId).executeTakeFirstOrThrow();

/** Lets the time of one renewal pass, and waits for its effects. */
async function passRenewal(): Promise<void> {
  const timers = bench.clock.pendingTimers;
  bench.clock.advance(3000);
  await turnUntil(() => bench.clock.pendingTimers === timers);
}

describe('a lease', () => {
  it('lasts 10 s and is renewed every 3 s while its run is executed', async () => {
    const { runId } = await runs.send(sendTo(await storeChat(bench.test)));
    renewLeases(bench.dependencies);
    const startMs = bench.clock.elapsedMs();
    expect(await leaseOf(runId)).toEqual({ lease_expires_at_ms: startMs + 10_000 });
    await passRenewal();
    expect(await leaseOf(runId)).toEqual({ lease_expires_at_ms: startMs + 13_000 });
    await passRenewal();
    expect(await leaseOf(runId)).toEqual({ lease_expires_at_ms: startMs + 16_000 });
  });

  it('that another process claimed is detected: the run is aborted and its readers are disconnected', async () => {
    const { runId, source } = await runs.send(sendTo(await storeChat(bench.test)));
    renewLeases(bench.dependencies);
    await bench.test.database.transaction((transaction) =>
      claimRun(transaction, { runId, epoch: 1 }, { bootId: 'another', isExclusive: true }),
    );
    bench.clock.advance(3000);
    await turnUntil(() => bench.dependencies.activeRequests.size === 0);
    expect(source.isClosed).toBe(true);
    expect(bench.logged).toContain('warn: the run was ended elsewhere');
  });
});

describe('a run of another process', () => {
  it('is ended with the text it had shown once its lease has expired, and not before', async () => {
    const expiresAtMs = bench.clock.elapsedMs() + 5000;
    const stored = await storeRun(bench.test, { lease_expires_at_ms: expiresAtMs });
    const records = buildLog([{ kind: 'chunk', text: 'Hello' }], null, stored.runId).map(toRecord);
    await bench.dependencies.log.append({ runId: stored.runId, epoch: 1 }, records);
    renewLeases(bench.dependencies);
    await passRenewal();
    expect(await getMessage(reader(), stored.key.chatId, stored.answer.id)).toMatchObject({
      status: 'streaming',
    });
    await passRenewal();
    expect(await getMessage(reader(), stored.key.chatId, stored.answer.id)).toMatchObject({
      status: 'interrupted',
      content: 'Hello',
    });
  });
});
