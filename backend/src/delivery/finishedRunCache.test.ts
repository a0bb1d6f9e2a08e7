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
  const [first, second] = await Promise.all([runs.get('r', 'v1', load), runs.get('r', 'v1', load)]);
  expect(second).toBe(first);
  expect(await runs.get('r', 'v1', load)).toBe(first);
  expect(await runs.get('another', 'v1', load)).not.toBe(first);
  expect(await runs.get('r', 'v2', load)).not.toBe(first);
});

it('a finished run that was corrected while it was loading is loaded again', async () => {
  const runs = new FinishedRunCache();
  const loading = runs.get('r', null, load);
  const corrected = await runs.get('r', 'v2', load);
  expect(await loading).not.toBe(corrected);
  expect(await runs.get('r', 'v2', load)).toBe(corrected);
});

it('a finished run that could not be loaded is loaded again by the next reader', async () => {
  const runs = new FinishedRunCache();
  await expect(runs.get('r', null, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(await runs.get('r', null, load)).toBeDefined();
});
