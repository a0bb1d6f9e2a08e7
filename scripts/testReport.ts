/** Turns a runner's JSON report into counts; a runner without a usable report counts as failed. */

export interface TestCounts {
  passed: number;
  failed: number;
  /** Skipped, todo, or left out by an `only`; none is allowed. */
  skipped: number;
}

/** The content of a report, with the names of failed tests that the runner's own last lines do not name. */
export interface TestReport extends TestCounts {
  failures?: string[];
}

export interface PartResult extends TestCounts {
  /** Facts that the counts do not show, one sentence each. */
  remarks: string[];
}

/** How a runner ended: its exit code (null when it was killed) and its report (undefined when there is none). */
export interface RunnerEnd {
  exitCode: number | null;
  report: unknown;
}

/** Counts of a Vitest JSON report. A file that cannot even be loaded is one failure. */
export function readVitestReport(report: unknown): TestReport | undefined {
  if (!isRecord(report) || !Array.isArray(report.testResults)) return undefined;
  const files = report.testResults.filter(isRecord);
  const brokenFiles = files.filter((file) => file.status === 'failed' && !hasFailedTest(file)).length;
  return {
    passed: numberIn(report, 'numPassedTests'),
    failed: numberIn(report, 'numFailedTests') + brokenFiles,
    skipped: numberIn(report, 'numPendingTests') + numberIn(report, 'numTodoTests'),
    failures: files.flatMap(failuresOf),
  };
}

function failuresOf({ name, assertionResults }: Record<string, unknown>): string[] {
  const tests = Array.isArray(assertionResults) ? assertionResults.filter(isRecord) : [];
  return tests
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => {
      const [reason = ''] = Array.isArray(failureMessages) ? failureMessages : [];
      return `${name}: ${fullName}: ${String(reason).split('\n', 1)[0]}`;
    });
}

/** Counts of a Playwright JSON report. An error outside any test is one failure; so is a flaky test. */
export function readPlaywrightReport(report: unknown): TestCounts | undefined {
  if (!isRecord(report) || !isRecord(report.stats) || !Array.isArray(report.errors)) return undefined;
  const stats = report.stats;
  return {
    passed: numberIn(stats, 'expected'),
    failed: numberIn(stats, 'unexpected') + numberIn(stats, 'flaky') + report.errors.length,
    skipped: numberIn(stats, 'skipped'),
  };
}

/** The result of one part of the tests: its counts, corrected by how the runner ended. */
export function judgePart(
  name: string,
  end: RunnerEnd,
  read: (report: unknown) => TestReport | undefined,
): PartResult {
  const report = read(end.report);
  if (report === undefined) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      remarks: [`The ${name} runner left no report (${exitText(end)}).`],
    };
  }
  const { failures = [], ...counts } = report;
  const remarks = failures.map((failure) => `Failed: ${failure}`);
  let { failed } = counts;
  if (counts.passed + counts.failed === 0) {
    failed += 1;
    remarks.push(`The ${name} runner ran no test.`);
  } else if (end.exitCode !== 0 && failed === 0) {
    failed += 1;
    remarks.push(`The ${name} runner failed outside any test (${exitText(end)}); its output above says why.`);
  }
  if (counts.skipped > 0)
    remarks.push(`${counts.skipped} tests of ${name} were skipped; with CI set that is a failure.`);
  return { ...counts, failed, remarks };
}

/** The last line of a test run. */
export function summaryLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export const addCounts = (results: readonly TestCounts[]): TestCounts => ({
  passed: results.reduce((sum, { passed }) => sum + passed, 0),
  failed: results.reduce((sum, { failed }) => sum + failed, 0),
  skipped: results.reduce((sum, { skipped }) => sum + skipped, 0),
});

function hasFailedTest(file: Record<string, unknown>): boolean {
  const tests = file.assertionResults;
  return Array.isArray(tests) && tests.some((test) => isRecord(test) && test.status === 'failed');
}

const exitText = ({ exitCode }: RunnerEnd): string =>
  exitCode === null ? 'killed' : `exit code ${exitCode}`;

function numberIn(record: Record<string, unknown>, key: string): number {
  const value = record[key];
  return typeof value === 'number' ? value : 0;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
