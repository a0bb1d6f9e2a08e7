/**
 * `npm test`: finds a Chromium, builds the page and the server, runs every kind of test and ends with `N passed, N
 * failed`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { ensureBuilt } from './ensureBuilt.ts';
import { findChromium } from './findChromium.ts';
import { inRepository } from './repositoryRoot.ts';
import { parseTestCommand, type TestPart, testUsage } from './testCommand.ts';
import {
  addCounts,
  judgePart,
  type PartResult,
  readPlaywrightReport,
  readVitestReport,
  summaryLine,
} from './testReport.ts';

const runnerTimeoutMs = 40 * 60_000;
const vitestProjects = { unit: ['unit', 'unit-postgres', 'unit-frontend'], browser: ['browser'] };

async function main(words: string[]): Promise<boolean> {
  if (words.includes('--help')) {
    process.stdout.write(testUsage);
    return true;
  }
  const { parts, filters } = parseTestCommand(words);
  const environment = await prepare(parts);
  const results: PartResult[] = [];
  for (const part of parts) results.push(await runPart(part, filters, environment));
  for (const remark of results.flatMap(({ remarks }) => remarks)) process.stdout.write(`${remark}\n`);
  const total = addCounts(results);
  process.stdout.write(`\n${summaryLine(total)}\n`);
  // A test reports a program that it needs and that is not installed here; where all are installed, no test is skipped.
  return total.failed === 0 && (total.skipped === 0 || !process.env.CI);
}

async function prepare(parts: TestPart[]): Promise<NodeJS.ProcessEnv> {
  mkdirSync(inRepository('test-results'), { recursive: true });
  const environment = { ...process.env };
  if (parts.some((part) => part !== 'unit')) {
    environment.CHROMIUM_PATH = await findChromium();
    process.stdout.write(`Chromium: ${environment.CHROMIUM_PATH}\n`);
  }
  if (parts.includes('e2e')) ensureBuilt('page', 'server');
  return environment;
}

async function runPart(
  part: TestPart,
  filters: string[],
  environment: NodeJS.ProcessEnv,
): Promise<PartResult> {
  const reportPath = inRepository('test-results', `${part}.json`);
  rmSync(reportPath, { force: true });
  process.stdout.write(`\n== ${part} ==\n`);
  const exitCode = await runNode([...runnerCommand(part, reportPath), ...filters], environment);
  const end = { exitCode, report: readJson(reportPath) };
  return judgePart(part, end, part === 'e2e' ? readPlaywrightReport : readVitestReport);
}

function runnerCommand(part: TestPart, reportPath: string): string[] {
  if (part === 'e2e') {
    const cli = inRepository('node_modules/@playwright/test/cli.js');
    return [cli, 'test', '--config', inRepository('e2e/playwright.config.ts')];
  }
  const projects = vitestProjects[part].flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  return [inRepository('node_modules/vitest/vitest.mjs'), 'run', ...projects, ...reporters];
}

async function runNode(words: string[], environment: NodeJS.ProcessEnv): Promise<number | null> {
  const child = spawn(process.execPath, words, {
    cwd: inRepository(),
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: runnerTimeoutMs,
    killSignal: 'SIGKILL',
  });
  let stoppedBy: NodeJS.Signals | undefined;
  const passOn = (signal: NodeJS.Signals): void => {
    stoppedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('exit', resolve),
    );
    if (stoppedBy !== undefined) throw new Error(`The tests were stopped by ${stoppedBy}.`);
    return exitCode;
  } finally {
    process.off('SIGINT', passOn).off('SIGTERM', passOn);
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // The caller decides about a missing or incomplete report.
    return undefined;
  }
}

try {
  const isGreen = await main(process.argv.slice(2));
  if (!isGreen) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stdout.write('\n0 passed, 1 failed\n');
  process.exitCode = 1;
}
