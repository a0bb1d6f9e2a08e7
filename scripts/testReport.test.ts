/** Tests how reports become the last line, above all when something failed outside a test. */
import { expect, test } from 'vitest';
import { addCounts, judgePart, readPlaywrightReport, readVitestReport, summaryLine } from './testReport.ts';

const vitestReport = (passed: number, failed: number, more: object = {}) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
});
const judge = (exitCode: number | null, report: unknown) =>
  judgePart('unit', { exitCode, report }, readVitestReport);

test('a green run has no remarks', () => {
  expect(judge(0, vitestReport(12, 0))).toEqual({ passed: 12, failed: 0, skipped: 0, remarks: [] });
});

test('a runner without a report is one failure', () => {
  expect(judge(1, undefined)).toMatchObject({
    failed: 1,
    remarks: ['The unit runner left no report (exit code 1).'],
  });
  expect(judge(null, undefined)).toMatchObject({
    failed: 1,
    remarks: ['The unit runner left no report (killed).'],
  });
});

test('a report without any test is one failure', () => {
  expect(judge(0, vitestReport(0, 0))).toMatchObject({
    failed: 1,
    remarks: ['The unit runner ran no test.'],
  });
});

test('a failing runner whose tests all passed is one failure', () => {
  expect(judge(1, vitestReport(5, 0))).toMatchObject({ passed: 5, failed: 1 });
});

test('a file that cannot be loaded is one failure; a file with failed tests is not counted twice', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ];
  expect(judge(1, vitestReport(3, 1, { testResults }))).toMatchObject({ passed: 3, failed: 2 });
});

test('the last lines name each failed test with the first line of its reason', () => {
  const failed = {
    status: 'failed',
    fullName: 'a fold keeps gaps',
    failureMessages: ['Error: 1 is not 2\n  at x'],
  };
  const testResults = [
    { status: 'failed', name: 'fold.test.ts', assertionResults: [{ status: 'passed' }, failed] },
  ];
  const { remarks } = judge(1, vitestReport(3, 1, { testResults }));
  expect(remarks).toEqual(['Failed: fold.test.ts: a fold keeps gaps: Error: 1 is not 2']);
});

test('skipped and todo tests are counted together and mentioned in a remark', () => {
  const result = judge(0, vitestReport(3, 0, { numPendingTests: 1, numTodoTests: 2 }));
  expect(result).toMatchObject({
    skipped: 3,
    remarks: ['3 tests of unit were skipped; with CI set that is a failure.'],
  });
});

test('a Playwright report counts flaky tests and errors outside tests as failures', () => {
  const report = {
    stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
    errors: [{ message: 'no such file' }],
  };
  expect(readPlaywrightReport(report)).toEqual({ passed: 4, failed: 3, skipped: 2 });
});

test('a report of another shape counts as missing', () => {
  expect(readVitestReport({ stats: {} })).toBeUndefined();
  expect(readPlaywrightReport([])).toBeUndefined();
});

test('the last line names skipped tests only when there are any', () => {
  const total = addCounts([
    { passed: 2, failed: 0, skipped: 0 },
    { passed: 3, failed: 1, skipped: 0 },
  ]);
  expect(summaryLine(total)).toBe('5 passed, 1 failed');
  expect(summaryLine({ ...total, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
});
