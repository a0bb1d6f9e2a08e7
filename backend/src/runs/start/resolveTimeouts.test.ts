import { expect, it } from 'vitest';
import type { RunSettings } from '../runDependencies.ts';
import { resolveTimeouts } from './resolveTimeouts.ts';

const settings: RunSettings = {
  defaultModel: null,
  titleModel: 'off',
  fallbackModels: [],
  maxTokens: 100,
  maxWebCostUsd: 0.1,
  maxRunsPerOwner: 1,
  maxRuns: 1,
  connectTimeoutMs: 10,
  firstDeltaTimeoutMs: 20,
  idleTimeoutMs: 30,
  runDeadlineMs: 40,
};
const own = { connectMs: 10, firstDeltaMs: 20, idleMs: 30, runMs: 40 };

it('the limits of a run are those of the server by default', () => {
  expect(resolveTimeouts(settings, null, undefined)).toEqual(own);
  expect(resolveTimeouts(settings, {}, undefined)).toEqual(own);
});

it('a project can lower each limit', () => {
  const narrow = { connectMs: 1, firstDeltaMs: 2, idleMs: 3, runMs: 4 };
  expect(resolveTimeouts(settings, narrow, undefined)).toEqual(narrow);
});

it('a request can lower the limit of the whole run, also below that of its project', () => {
  expect(resolveTimeouts(settings, null, 5)).toEqual({ ...own, runMs: 5 });
  expect(resolveTimeouts(settings, { runMs: 6 }, 5).runMs).toBe(5);
  expect(resolveTimeouts(settings, { runMs: 4 }, 5).runMs).toBe(4);
});

it('neither a project nor a request can raise a limit', () => {
  const wide = { connectMs: 99, firstDeltaMs: 99, idleMs: 99, runMs: 99 };
  expect(resolveTimeouts(settings, wide, 99)).toEqual(own);
});
