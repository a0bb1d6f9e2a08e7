/** Preloaded into the server: counts each SQL text that it executes, and sends the counts on request. */
import { StatementSync } from 'node:sqlite';
import { answerQuestions } from '../support/child.ts';

const counts = new Map<string, number>();
const prototype = StatementSync.prototype as unknown as Record<
  string,
  (this: StatementSync, ...parameters: unknown[]) => unknown
>;

for (const name of ['all', 'get', 'iterate', 'run']) {
  const original = prototype[name];
  if (!original) continue;
  prototype[name] = function count(...parameters) {
    counts.set(this.sourceSQL, (counts.get(this.sourceSQL) ?? 0) + 1);
    return original.apply(this, parameters);
  };
}

answerQuestions(() => {
  const taken = Object.fromEntries(counts);
  counts.clear();
  return taken;
});
