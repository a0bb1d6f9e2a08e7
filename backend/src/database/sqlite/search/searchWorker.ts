/** Runs the worker thread of `textSearch.ts`: answers each query on a read-only connection of its own. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { TextFinder } from './findTexts.ts';
import type { NumberedAnswer, NumberedQuery } from './searchThread.ts';

/** How long a query waits while the log is being restarted, in milliseconds. */
const busyLimitMs = 1000;
/** Pages of the index that stay in memory, in KiB. */
const cacheKib = 16_384;

const { path } = workerData as { path: string };
const connection = new DatabaseSync(path, { readOnly: true, timeout: busyLimitMs });
connection.exec(`PRAGMA cache_size = -${cacheKib}`);
const finder = new TextFinder(connection);
parentPort?.on('message', ({ number, query }: NumberedQuery) => {
  parentPort?.postMessage({ number, ...answer(query) } satisfies NumberedAnswer);
});

function answer(query: NumberedQuery['query']): Omit<NumberedAnswer, 'number'> {
  try {
    return { found: finder.find(query) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
