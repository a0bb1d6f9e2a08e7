/**
 * Preloaded into a server: writes a heap snapshot on request, and reports the size of the young generation before it.
 */
import { getHeapSpaceStatistics, writeHeapSnapshot } from 'node:v8';
import { answerQuestions } from '../support/child.ts';

const youngSpaces = new Set(['new_space', 'new_large_object_space']);

answerQuestions(({ path }) => {
  const young = getHeapSpaceStatistics().filter(({ space_name }) => youngSpaces.has(space_name));
  writeHeapSnapshot(String(path));
  return { youngBytes: young.reduce((sum, { space_size }) => sum + space_size, 0) };
});
