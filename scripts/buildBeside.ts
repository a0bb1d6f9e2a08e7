/**
 * Makes a build next to the current one, then swaps them in one step: no server sees half a build, and a build that
 * fails or is killed changes nothing. `dist` is a link to a folder in `.builds`; a server keeps the folder with which
 * it started. Order: one process at a time, under the build lock.
 */
import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Prefix of a folder that is not complete yet. */
const unfinished = 'new-';

/**
 * Calls `make` with the path of the folder to fill, relative to `packageFolder`. The replaced build stays for the
 * servers that still run it; older ones and the remains of killed builds are deleted. Errors: those of `make`.
 */
export function buildBeside(packageFolder: string, make: (outFolder: string) => void): void {
  const builds = join(packageFolder, '.builds');
  const link = join(packageFolder, 'dist');
  mkdirSync(builds, { recursive: true });
  remove(builds, (other) => other.startsWith(unfinished));
  const name = randomUUID();
  // Not a private folder, as temporary folders are: another user may run the server.
  mkdirSync(join(builds, unfinished + name));
  try {
    make(join('.builds', unfinished + name));
  } catch (error) {
    remove(builds, (other) => other === unfinished + name);
    throw error;
  }
  renameSync(join(builds, unfinished + name), join(builds, name));
  const replaced = moveOrRead(link, builds);
  const newLink = join(builds, `${unfinished}link`);
  symlinkSync(join('.builds', name), newLink);
  renameSync(newLink, link);
  remove(builds, (other) => other !== name && other !== replaced);
}

/**
 * Returns the name of the current build. If earlier versions left a folder in place of the link, it becomes a build.
 */
function moveOrRead(link: string, builds: string): string | null {
  const stats = lstatSync(link, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isSymbolicLink()) return basename(readlinkSync(link));
  const name = randomUUID();
  renameSync(link, join(builds, name));
  return name;
}

function remove(builds: string, isOld: (name: string) => boolean): void {
  for (const name of readdirSync(builds).filter(isOld))
    rmSync(join(builds, name), { recursive: true, force: true });
}
