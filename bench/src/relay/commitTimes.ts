/**
 * Preloaded into a server: times each commit that waits for the disk (`synchronous=FULL`), and sends the times in
 * order, in milliseconds, on request.
 */
import { DatabaseSync } from 'node:sqlite';
import { answerQuestions } from '../support/child.ts';

const syncing = new WeakSet<DatabaseSync>();
const timesMs: number[] = [];

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function timed(sqlText: string): void {
  const startMs = performance.now();
  exec.call(this, sqlText);
  if (sqlText.includes('synchronous = FULL')) syncing.add(this);
  else if (sqlText.includes('synchronous = NORMAL')) syncing.delete(this);
  if (sqlText === 'COMMIT' && syncing.has(this)) timesMs.push(performance.now() - startMs);
};

answerQuestions(() => timesMs.splice(0));
