/** Decides whether the built page is older than what it is made from, and builds it when it is. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from './repositoryRoot.ts';

const inputs = [
  'frontend/src',
  'frontend/public',
  'frontend/index.html',
  'frontend/package.json',
  'frontend/tsconfig.json',
  'frontend/vite.config.ts',
  'frontend/compressAssets.ts',
  'frontend/svelte.config.js',
  'protocol/src',
  'client/src',
  'package-lock.json',
];

/** Builds the page when it is missing or out of date. Errors: one sentence when the build fails. */
export function ensureFrontendIsBuilt(): void {
  if (isFrontendFresh()) return;
  buildFrontend();
}

/** Whether the built page exists and nothing it is made from changed since; a deleted file counts as a change. */
export function isFrontendFresh(root = inRepository()): boolean {
  const built = statSync(join(root, 'frontend/dist/index.html'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  return inputs.every((input) => newestMtimeMs(join(root, input)) <= built.mtimeMs);
}

function buildFrontend(): void {
  const startedAt = new Date();
  const vite = inRepository('node_modules/vite/bin/vite.js');
  if (!existsSync(vite))
    throw new Error('The page is not built and the build tools are not installed: run "npm ci".');
  process.stdout.write('Building the page…\n');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: inRepository('frontend'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('The page could not be built: see the lines above.');
  // A file edited while the build ran must count as newer than the build.
  utimesSync(inRepository('frontend/dist/index.html'), startedAt, startedAt);
}

function newestMtimeMs(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const entries = readdirSync(path).filter((name) => !name.includes('.test.'));
  return entries.reduce((newest, name) => Math.max(newest, newestMtimeMs(join(path, name))), stats.mtimeMs);
}
