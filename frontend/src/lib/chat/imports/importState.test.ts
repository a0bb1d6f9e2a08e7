import { type ImportItem, type ImportJob, RillError } from '@rill/protocol';
import { expect, test, vi } from 'vitest';
import { type ImportServer, ImportState } from './importState.svelte.ts';

const job = (change: Partial<ImportJob> = {}): ImportJob => ({
  id: 'i1',
  name: 'export.zip',
  sizeBytes: 10,
  state: 'counting',
  product: null,
  count: null,
  doneItems: 0,
  outcomes: {},
  problem: null,
  createdAtMs: 1,
  endedAtMs: null,
  ...change,
});
const item = (key: string): ImportItem => ({
  key,
  title: key,
  outcome: 'failed',
  chatId: null,
  projectId: null,
  notes: [],
});

function setUp(change: Partial<ImportServer> = {}) {
  const server: ImportServer = {
    listImports: async () => ({ imports: [] }),
    createImport: async () => job(),
    getImport: async () => job(),
    getImportReport: async () => ({ items: [], nextPageToken: null }),
    startImport: async () => job({ state: 'running' }),
    stopImport: async () => job({ state: 'stopped' }),
    deleteImport: async () => undefined,
    ...change,
  };
  return new ImportState(server);
}

const file = new File(['[]'], 'export.zip');

test('a file is sent, and its import is polled while it runs', async () => {
  const answers = [job(), job({ state: 'counted' })];
  const state = setUp({ getImport: async () => answers.shift() ?? job() });
  await state.send(file);
  expect([state.sending, state.job?.state, state.isWorking]).toEqual([null, 'counting', true]);
  await state.refresh();
  await state.refresh();
  expect([state.job?.state, state.isWorking]).toEqual(['counted', false]);
  await state.start('p1');
  expect(state.isWorking).toBe(true);
  await state.stop();
  expect(state.job?.state).toBe('stopped');
  await state.forget();
  expect(state.job).toBeNull();
});

test('sending that is cancelled leaves nothing, not even a failure', async () => {
  const state = setUp({
    createImport: ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
  });
  const sending = state.send(file);
  expect(state.sending).toBe('export.zip');
  state.cancelSending();
  await sending;
  expect([state.sending, state.job, state.failure]).toEqual([null, null, null]);
});

test('a refused file shows the reason', async () => {
  const state = setUp({ createImport: () => Promise.reject(new RillError('body_too_large')) });
  await state.send(file);
  expect(state.job).toBeNull();
  expect(state.failure).not.toBeNull();
});

test('an import that has ended is found again, with what failed of it first', async () => {
  const done = job({ state: 'completed', doneItems: 3, outcomes: { imported: 1, partial: 1, failed: 1 } });
  const getImportReport = vi.fn(async ({ pageToken }: { pageToken?: string }) =>
    pageToken === undefined
      ? { items: [item('a')], nextPageToken: 'next' }
      : { items: [item('b')], nextPageToken: null },
  );
  const state = setUp({
    listImports: async () => ({ imports: [done, job({ id: 'older' })] }),
    getImportReport,
  });
  await state.open();
  expect([state.job, state.outcome, state.hasMore]).toEqual([done, 'failed', true]);
  expect(getImportReport).toHaveBeenCalledWith(
    expect.objectContaining({ importId: 'i1', outcome: 'failed' }),
  );
  await state.readMore();
  expect([state.items.map(({ key }) => key), state.hasMore]).toEqual([['a', 'b'], false]);
  await state.show(null);
  expect(getImportReport).toHaveBeenLastCalledWith({ importId: 'i1', limit: 50 });
  expect(state.items.map(({ key }) => key)).toEqual(['a']);
});
