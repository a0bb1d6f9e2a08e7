/** Tells whether something failed because the process, or the machine, can open no more files and connections. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const codes: readonly unknown[] = ['EMFILE', 'ENFILE'];

/** Also by what lies underneath: a cause, or one of several failed connections. */
export function isTooManyFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Node's loader of modules says it in words only.
  if (('code' in error && codes.includes(error.code)) || /too many open files/i.test(error.message))
    return true;
  return (
    (error instanceof AggregateError && error.errors.some(isTooManyFiles)) || isTooManyFiles(error.cause)
  );
}

/** What the database and a look-up of a name open on their way, and have closed again when they fail. */
const neededFiles = 6;

/** For failures that do not say it, such as the database's: whether a few more files can be opened at this moment. */
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
