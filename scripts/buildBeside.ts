/**
 * Makes a build next to the current one, then swaps them in one step: no server sees half a build, and one that fails
 * or is killed changes nothing. `dist` is a link to one of the folders in `.builds`; a server keeps the folder that it began with.
 * Order: one process at a time, under the build lock.
 */
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Begins the name of a folder that is not whole yet. */
const unfinished = 'new-';

/**
 * `make` fills the folder whose path, from `packageFolder`, it is given. Of the earlier builds, the last one stays for
 * the servers that still run it; all others go, and what killed builds have left. Errors: those of `make`.
 */
export function buildBeside(packageFolder: string, make: (outFolder: string) => void): void {
  const builds = join(packageFolder, '.builds');
  const link = join(packageFolder, 'dist');
  mkdirSync(builds, { recursive: true });
  removeOld(builds, link);
  const name = nextName(builds);
  const made = join(builds, unfinished + name);
  // Not a folder for this user alone, as those for temporary files are: another one may run the server.
  mkdirSync(made);
  try {
    make(join('.builds', unfinished + name));
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  }
  renameSync(made, join(builds, name));
  keepFolder(builds, link);
  const newLink = join(builds, `${unfinished}link`);
  symlinkSync(join('.builds', name), newLink);
  renameSync(newLink, link);
  removeOld(builds, link);
}

/** A folder where the link belongs, as earlier versions left it, becomes one of the builds. */
function keepFolder(builds: string, link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false })?.isDirectory())
    renameSync(link, join(builds, nextName(builds)));
}

/** The time in milliseconds, later than that of every build that is there: also within one millisecond, or after the clock was set back. */
function nextName(builds: string): string {
  const times = readdirSync(builds).map((name) => Number.parseInt(name.replace(unfinished, ''), 10));
  const latest = Math.max(0, ...times.filter((time) => Number.isFinite(time)));
  return String(Math.max(Date.now(), latest + 1));
}

function removeOld(builds: string, link: string): void {
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const current = isLink ? basename(readlinkSync(link)) : null;
  const names = readdirSync(builds).filter((name) => name !== current);
  // Their names begin with the time at which they were made, in as many digits.
  const previous = names
    .filter((name) => !name.startsWith(unfinished))
    .sort()
    .at(-1);
  for (const name of names) {
    if (name !== previous) rmSync(join(builds, name), { recursive: true, force: true });
  }
}
