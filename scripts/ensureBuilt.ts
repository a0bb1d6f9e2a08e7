/** Builds what is missing or out of date of the page and the server. */
import { spawnSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import process from 'node:process';
import { builds, isFresh } from './builds.js';
import { inRepository } from './repositoryRoot.ts';
import { warmUp } from './warmUp.ts';

type BuildName = keyof typeof builds;

/** Errors: one sentence when a build fails. */
export async function ensureBuilt(...names: readonly BuildName[]): Promise<void> {
  const stale = names.filter((name) => !isFresh(builds[name]));
  for (const name of stale) build(name);
  if (stale.includes('server')) await warmUp();
}

function build(which: BuildName): void {
  const { name, folder, output } = builds[which];
  const startedAt = new Date();
  const vite = inRepository('node_modules/vite/bin/vite.js');
  if (!existsSync(vite))
    throw new Error(`The ${name} is not built and the build tools are not installed: run "npm ci".`);
  process.stdout.write(`Building the ${name}…\n`);
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: inRepository(folder),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`The ${name} could not be built: see the lines above.`);
  // A file edited while the build ran must count as newer than the build.
  utimesSync(inRepository(output), startedAt, startedAt);
}
