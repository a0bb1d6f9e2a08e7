/**
 * Makes a build next to the current one, then swaps them in one step: no server sees half a build, and one that fails
 * or is killed changes nothing. `dist` is a link to one of the folders in `.builds`; a server keeps the folder that it began with.
 * Order: one process at a time, under the build lock.
 */
import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Begins the name of a folder that is not whole yet. */
const unfinished = 'new-';

/**
 * `make` fills the folder whose path, from `packageFolder`, it is given. The build that this one replaces stays for the
 * servers that still run it; earlier ones go, and what killed builds have left. Errors: those of `make`.
 */
export function buildBeside(packageFolder: string, make: (outFolder: string) => void): void {
  const builds = join(packageFolder, '.builds');
  const link = join(packageFolder, 'dist');
  mkdirSync(builds, { recursive: true });
  remove(builds, (other) => other.startsWith(unfinished));
  const name = randomUUID();
  // Not a folder for this user alone, as those for temporary files are: another one may run the server.
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

/** Returns the name of the current build. A folder where the link belongs, as earlier versions left it, becomes a build. */
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
