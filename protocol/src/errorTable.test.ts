/** Tests that RillError takes its sentences from the error table, and that unknown codes are not accepted. */
import { expect, test } from 'vitest';
import { type ErrorCode, errorTable, isErrorCode, RillError } from './errorTable.ts';

test('an error has the sentence, the status and the retryability of its code', () => {
  for (const code of Object.keys(errorTable).filter(isErrorCode)) {
    const error = new RillError(code);
    expect([error.code, error.message, error.status, error.isRetryable]).toEqual([
      code,
      errorTable[code].sentence,
      errorTable[code].status,
      errorTable[code].isRetryable,
    ]);
  }
});

test('an error has the values that it was created with', () => {
  const cause = new Error('inner');
  const error = new RillError('run_active', {
    message: 'Busy.',
    cause,
    isRetryable: false,
    retryAfterMs: 5,
    details: { runId: 'r' },
  });
  expect(error).toMatchObject({
    message: 'Busy.',
    cause,
    isRetryable: false,
    retryAfterMs: 5,
    details: { runId: 'r' },
  });
});

test('property names of every object, and values that are not text, are not codes', () => {
  const foreign: readonly unknown[] = ['toString', '__proto__', 'constructor', '', null, 404, {}, 'nope'];
  expect(foreign.filter(isErrorCode)).toEqual([]);
  expect(isErrorCode('internal' satisfies ErrorCode)).toBe(true);
});
