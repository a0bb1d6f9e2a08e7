import { sampleMessage, sampleRun } from '@rill/protocol/conformance/sampleEntities.ts';
import { expect, it } from 'vitest';
import { createEndedRun } from './endedRun.ts';
import { type EndedRun, EndedRuns } from './endedRuns.ts';

const load = async (): Promise<EndedRun> =>
  createEndedRun({ run: sampleRun(), message: sampleMessage(), userMessage: null, lastSeq: 2 });

it('is loaded once for all who read it at the same time, and again when it was corrected', async () => {
  const runs = new EndedRuns();
  const [first, second] = await Promise.all([runs.get('r', load), runs.get('r', load)]);
  expect(second).toBe(first);
  expect(await runs.get('r', load)).toBe(first);
  expect(await runs.get('another', load)).not.toBe(first);
  runs.outdate('r');
  expect(await runs.get('r', load)).not.toBe(first);
});

it('that was corrected while it was loading is not kept', async () => {
  const runs = new EndedRuns();
  const loading = runs.get('r', load);
  runs.outdate('r');
  const stale = await loading;
  expect(await runs.get('r', load)).not.toBe(stale);
});

it('that could not be loaded is tried again by the next who asks', async () => {
  const runs = new EndedRuns();
  await expect(runs.get('r', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(await runs.get('r', load)).toBeDefined();
});
