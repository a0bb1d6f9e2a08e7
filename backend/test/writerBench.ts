/** Creates a run's writer on a log that a test controls, and records what it appended and showed. */
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import { LiveRunSource } from '../src/delivery/liveRunSource.ts';
import { type LogRecord, toRecord } from '../src/log/eventLog.ts';
import { RunWriter } from '../src/runs/execute/runWriter.ts';
import { UnsavedText } from '../src/runs/execute/unsavedText.ts';
import { FakeClock } from './fakeClock.ts';
import { createHeldLog, type HeldLog } from './heldLog.ts';

export interface WriterBench {
  readonly writer: RunWriter;
  readonly clock: FakeClock;
  readonly held: HeldLog;
  readonly live: LiveRunSource;
  readonly unsaved: UnsavedText;
  readonly failures: readonly Error[];
  /** Like `chunk:text`, one for each record of each append. */
  appended(): string[][];
}

/** Makes a writer of a run that only has its run-start; `maxUnsavedLength` is what all writers may hold. */
export function openWriterBench(maxUnsavedLength?: number): WriterBench {
  const { runId } = sampleIds;
  const [clock, held, live] = [new FakeClock(), createHeldLog(), new LiveRunSource(runId)];
  const failures: Error[] = [];
  for (const frame of buildLog([], null)) live.publish(toRecord(frame));
  const onFailure = (error: Error) => failures.push(error);
  const unsaved = new UnsavedText(maxUnsavedLength);
  const lease = { runId, epoch: 1 };
  const writer = new RunWriter({ log: held.log, live, lease, clock, unsaved, onFailure });
  const appended = () => held.appends.map((append) => append.records.map(describeRecord));
  return { writer, clock, held, live, unsaved, failures, appended };
}

function describeRecord({ event }: LogRecord): string {
  if (event.type === 'chunk') return `chunk:${event.data.content}`;
  if (event.type === 'reasoning') return `reasoning:${event.data.reasoning}`;
  return event.type;
}
