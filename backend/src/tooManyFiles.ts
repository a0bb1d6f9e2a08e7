/** Determines whether something failed because the process, or the machine, can open no more files and connections. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const codes: readonly unknown[] = ['EMFILE', 'ENFILE'];

/** Also checks what lies beneath: a cause, or one of several failed connections. */
export function isTooManyFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Node's module loader mentions it only in the message.
  if (('code' in error && codes.includes(error.code)) || /too many open files/i.test(error.message))
    return true;
  return (
    (error instanceof AggregateError && error.errors.some(isTooManyFiles)) || isTooManyFiles(error.cause)
  );
}

/** Files that the database and a name look-up open temporarily, and have closed again when they fail. */
const neededFiles = 6;

/**
 * For failures that do not name the cause, such as the database's: true if a few more files cannot be opened right now.
 */
export function isOutOfFiles(): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < neededFiles) opened.push(openSync(devNull, 'r'));
    return false;
  } catch (error) {
    return isTooManyFiles(error);
  } finally {
    for (const file of opened) closeSync(file);
  }
}
