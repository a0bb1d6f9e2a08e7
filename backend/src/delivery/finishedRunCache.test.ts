import { sampleMessage, sampleRun } from '@rill/protocol/conformance/sampleEntities.ts';
import { expect, it } from 'vitest';
import { FinishedRunCache } from './finishedRunCache.ts';
import { createFinishedRunSource, type FinishedRunSource } from './finishedRunSource.ts';

const load = async (): Promise<FinishedRunSource> =>
  createFinishedRunSource({
    run: sampleRun(),
    message: sampleMessage(),
    userMessage: null,
    lastSeq: 2,
    thinkingLength: 0,
  });

it('a finished run is loaded once for all concurrent readers, and again after a correction', async () => {
  const runs = new FinishedRunCache();
  const [first, second] = await Promise.all([runs.get('r', load), runs.get('r', load)]);
  expect(second).toBe(first);
  expect(await runs.get('r', load)).toBe(first);
  expect(await runs.get('another', load)).not.toBe(first);
  runs.invalidate('r');
  expect(await runs.get('r', load)).not.toBe(first);
});

it('a finished run that was corrected while it was loading is not cached', async () => {
  const runs = new FinishedRunCache();
  const loading = runs.get('r', load);
  runs.invalidate('r');
  const stale = await loading;
  expect(await runs.get('r', load)).not.toBe(stale);
});

it('a finished run that could not be loaded is loaded again by the next reader', async () => {
  const runs = new FinishedRunCache();
  await expect(runs.get('r', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(await runs.get('r', load)).toBeDefined();
});
