/** Builds what is missing or out of date of the page and the server. Of several simultaneous processes, one builds. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { buildBeside } from './buildBeside.ts';
import { holdBuildLock } from './buildLock.ts';
import { builds, isFresh } from './builds.js';
import { inRepository } from './repositoryRoot.ts';

type BuildName = keyof typeof builds;

/** Errors: one sentence when a build fails. */
export function ensureBuilt(...names: readonly BuildName[]): void {
  const built = buildStale(names, inRepository(), buildByVite);
  if (built.includes('server')) warmUp();
}

/** Lets the new server answer a message of the demo. If that fails, starts take longer, and nothing else is lost. */
function warmUp(): void {
  const folder = mkdtempSync(inRepository('node_modules/.cache/warm-up-'));
  spawnSync(process.execPath, [inRepository('scripts/code/warmUp.js')], {
    cwd: folder,
    env: { RILL_PORT: '0', RILL_DATA_DIR: folder, RILL_LOG_LEVEL: 'silent' },
    stdio: 'ignore',
    timeout: 20_000,
  });
  rmSync(folder, { recursive: true, force: true });
}

/** Builds what is out of date under `root` and prints what that was; waits while another process builds. */
export function buildStale(
  names: readonly BuildName[],
  root: string,
  make: (name: BuildName, root: string, outFolder: string) => void,
): BuildName[] {
  const isStale = (name: BuildName) => !isFresh(builds[name], root);
  if (!names.some(isStale)) return [];
  const release = holdBuildLock(join(root, 'node_modules/.cache/rill-build.lock'), () =>
    process.stdout.write('Waiting for a build that is under way…\n'),
  );
  try {
    // Checked again: the process that held the lock may have built it.
    const stale = names.filter(isStale);
    for (const name of stale) {
      const { folder, output } = builds[name];
      buildBeside(join(root, folder), (outFolder) => {
        const startedAt = new Date();
        make(name, root, outFolder);
        // A file edited while the build ran must count as newer than the build.
        utimesSync(join(root, folder, outFolder, basename(output)), startedAt, startedAt);
      });
    }
    return stale;
  } finally {
    release();
  }
}

function buildByVite(name: BuildName, root: string, outFolder: string): void {
  const { folder } = builds[name];
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite))
    throw new Error(`The ${name} is not built and the build tools are not installed: run "npm ci".`);
  process.stdout.write(`Building the ${name}…\n`);
  const parameters = ['build', '--outDir', outFolder, '--emptyOutDir', '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, [vite, ...parameters], {
    cwd: join(root, folder),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`The ${name} could not be built: see the lines above.`);
}
