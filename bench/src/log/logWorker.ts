/** Runs one cell of the log bench in a process of its own: groups of appends, one commit each, without pauses. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunLease } from '../../../backend/src/database/runLease.ts';
import { type LogRecord, toRecord } from '../../../backend/src/log/eventLog.ts';
import { answerQuestions } from '../support/child.ts';
import { percentile } from '../support/statistics.ts';
import { logDrivers } from './drivers.ts';
import type { OpenLog } from './openLog.ts';

export interface LogQuestion {
  readonly driver: string;
  /** Events in one commit. */
  readonly groupSize: number;
  readonly streams: number;
  readonly windowMs: number;
  readonly minCommits: number;
  /** Address of a server for the drivers that need one. */
  readonly postgresUrl: string;
}

interface CommitTimes {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export interface LogCell {
  readonly commits: number;
  readonly usPerEvent: number;
  /** CPU time of the thread that appends; checkpoints run in another one. */
  readonly cpuUsPerEvent: number;
  readonly commitsPerSecond: number;
  /** Everything that was written, including checkpoints. */
  readonly bytesPerEvent: number;
  readonly quiet: CommitTimes;
  /** Commits during which a checkpoint was running. */
  readonly tidyingUp: CommitTimes;
}

const text = 'a few words of an answer, as they come, so';
/** The first commits are left out, because their code is still being compiled. */
const warmUpCommits = 50;

/** Bytes that the process has written so far, on disk or not. Source: proc(5), io, wchar. */
const writtenBytes = (): number => Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

function recordMaker(leases: readonly RunLease[]) {
  const seqs = new Map<string, number>();
  let turn = 0;
  return (): { lease: RunLease; records: LogRecord[] } => {
    const lease = leases[turn % leases.length] ?? { runId: '', epoch: 0 };
    turn += 1;
    const seq = (seqs.get(lease.runId) ?? 0) + 1;
    seqs.set(lease.runId, seq);
    const cursor = { runId: lease.runId, seq, contentLength: seq * text.length, reasoningLength: 0 };
    const record = toRecord({ cursor, event: { type: 'chunk', data: { content: text, done: false } } });
    return { lease, records: [record] };
  };
}

const timesOf = (timesUs: readonly number[]): CommitTimes => ({
  count: timesUs.length,
  p50Us: percentile(timesUs, 0.5),
  p99Us: percentile(timesUs, 0.99),
  maxUs: percentile(timesUs, 1),
});

async function measure(log: OpenLog, question: LogQuestion): Promise<LogCell> {
  const { groupSize, streams, windowMs, minCommits } = question;
  const nextRecord = recordMaker(await log.beginRuns(streams));
  const quietUs: number[] = [];
  const tidyingUpUs: number[] = [];
  let cpuUs = 0;
  const commitGroup = async (): Promise<number> => {
    const group = Array.from({ length: groupSize }, nextRecord);
    const cpuBefore = process.threadCpuUsage();
    const startMs = performance.now();
    await Promise.all(group.map(({ lease, records }) => log.append(lease, records)));
    const us = (performance.now() - startMs) * 1000;
    const cpu = process.threadCpuUsage(cpuBefore);
    cpuUs += cpu.user + cpu.system;
    return us;
  };
  for (let commit = 0; commit < warmUpCommits; commit += 1) await commitGroup();
  cpuUs = 0;
  const bytesSoFar = () => log.writtenBytes?.() ?? writtenBytes();
  const bytesBefore = await bytesSoFar();
  const endMs = performance.now() + windowMs;
  while (performance.now() < endMs || quietUs.length + tidyingUpUs.length < minCommits) {
    const wasTidyingUp = log.isTidyingUp();
    const us = await commitGroup();
    (wasTidyingUp || log.isTidyingUp() ? tidyingUpUs : quietUs).push(us);
  }
  const timesUs = [...quietUs, ...tidyingUpUs];
  const totalUs = timesUs.reduce((sum, us) => sum + us, 0);
  const events = timesUs.length * groupSize;
  return {
    commits: timesUs.length,
    usPerEvent: totalUs / events,
    cpuUsPerEvent: cpuUs / events,
    commitsPerSecond: (timesUs.length / totalUs) * 1e6,
    bytesPerEvent: ((await bytesSoFar()) - bytesBefore) / events,
    quiet: timesOf(quietUs),
    tidyingUp: timesOf(tidyingUpUs),
  };
}

async function runCell(question: LogQuestion): Promise<LogCell> {
  const driver = logDrivers.find(({ name }) => name === question.driver);
  if (!driver) throw new Error(`No driver ${question.driver}.`);
  const folder = await mkdtemp(join(tmpdir(), 'rill-bench-log-'));
  try {
    const log = await driver.open(folder, question.postgresUrl);
    try {
      return await measure(log, question);
    } finally {
      await log.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.stdout.write('ready log\n');
answerQuestions((question) => runCell(question as unknown as LogQuestion));
