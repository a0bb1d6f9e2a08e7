/** Makes a data folder on its own file system, which a fault can fill up. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** False where mounting is not allowed: the folder is then on the system's own disk, which is not filled. */
  readonly canBeFilled: boolean;
  /** The size of its files, in whole megabytes. */
  usedMegabytes(): number;
  fill(): void;
  free(): void;
  remove(): void;
}

const diskBytes = 1024 * 1024 * 1024;
/** Size of one write: so small that no space for a commit is left at the end. */
const fillBytes = 4096;

export function makeDataFolder(): DataFolder {
  const path = mkdtempSync(join(tmpdir(), 'rill-faults-'));
  const canBeFilled = isMounted(path);
  const filler = join(path, 'filler');
  return {
    path,
    canBeFilled,
    usedMegabytes: () =>
      Math.ceil(readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0) / 1e6),
    fill() {
      const block = Buffer.alloc(fillBytes);
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      // Lazily: another program, such as an indexer, may be reading it.
      if (canBeFilled) execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Only root may mount. */
export const canMount = (): boolean => process.getuid?.() === 0;

function isMounted(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
