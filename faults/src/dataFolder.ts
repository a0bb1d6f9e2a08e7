/** A data folder on a file system of its own that can be filled up. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** False where nothing may be mounted: the folder then lies on the system's own disk, which is not filled. */
  readonly canBeFilled: boolean;
  /** What the files in it take, in whole megabytes. */
  usedMegabytes(): number;
  fill(): void;
  free(): void;
  remove(): void;
}

const diskBytes = 1024 * 1024 * 1024;
/** What is written at once: small enough that no room is left that a commit would fit into. */
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
      // Lazily: another program, such as an indexer, may be looking into it just now.
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
    // Only root may mount.
    return false;
  }
}
