/**
 * Provides a file system that a test can fill: a real one in memory when this process may mount, else the system's own
 * with a database that refuses writes of events.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from './testDatabase.ts';

export interface SmallDisk {
  readonly path: string;
  /** Makes every later write fail. */
  fill(): void;
  /** Makes writes succeed again. */
  repair(): void;
  remove(): Promise<void>;
}

export async function makeSmallDisk(bytes = 8 * 1024 * 1024): Promise<SmallDisk> {
  const folder = await makeFolder();
  return isMounted(folder.path, bytes) ? realDisk(folder) : refusingDatabase(folder);
}

type Folder = Awaited<ReturnType<typeof makeFolder>>;

function isMounted(path: string, bytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    // Only root may mount.
    return false;
  }
}

function realDisk({ path, remove }: Folder): SmallDisk {
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    repair: () => rmSync(filler, { force: true }),
    async remove() {
      execFileSync('umount', [path]);
      await remove();
    },
  };
}

function refusingDatabase({ path, remove }: Folder): SmallDisk {
  const execute = (sql: string) => {
    const connection = new DatabaseSync(join(path, 'rill.sqlite'));
    connection.exec(sql);
    connection.close();
  };
  const refuse = () =>
    execute("CREATE TRIGGER refused BEFORE INSERT ON run_events BEGIN SELECT RAISE(ABORT, 'full'); END");
  return {
    path,
    fill: refuse,
    repair: () => execute('DROP TRIGGER refused'),
    remove,
  };
}
