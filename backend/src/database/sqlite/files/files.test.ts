/**
 * Tests copied, restored, exchanged, torn and emptied files: each is opened completely, or refused in one sentence and
 * not changed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../../test/testDatabase.ts';
import { openSqliteDatabase, type SqliteDatabase } from '../sqliteDatabase.ts';
import { lockWarning } from './fileSystem.ts';
import { refusalOf } from './refusals.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let path: string;
beforeEach(async () => {
  folder = await makeFolder();
  path = join(folder.path, 'rill.sqlite');
});
afterEach(() => folder.remove());

const insert = (database: SqliteDatabase, id: string) =>
  database.transaction((transaction) =>
    transaction
      .insertInto('owners')
      .values({ id, name: 'x'.repeat(3000), created_at_ms: 1 })
      .execute(),
  );
const ownersIn = async (database: SqliteDatabase) =>
  (await database.reader.selectFrom('owners').select('id').orderBy('id').execute()).map((row) => row.id);

async function opened(directory = folder.path): Promise<string[]> {
  const database = await openSqliteDatabase(directory);
  try {
    return await ownersIn(database);
  } finally {
    await database.close();
  }
}

async function refusal(): Promise<string> {
  const before = existsSync(path) && statSync(path).isFile() ? readFileSync(path) : null;
  const message = await openSqliteDatabase(folder.path).then(
    async (database) => {
      await database.close();
      return 'opened';
    },
    (error: Error) => error.message,
  );
  if (before) expect(readFileSync(path).equals(before), 'the file is left as it is').toBe(true);
  expect(message).not.toMatch(/\n/);
  return message;
}

async function filled(count = 30): Promise<void> {
  const database = await openSqliteDatabase(folder.path);
  for (let index = 0; index < count; index += 1) await insert(database, `kept-${100 + index}`);
  await database.close();
}

/** Makes the files of a killed process, in another process. `copy` is the earlier content of the file. */
async function killed(): Promise<{ copy: string }> {
  const copy = join(folder.path, 'copy.sqlite');
  const script = `
    import { copyFileSync } from 'node:fs';
    import { openSqliteDatabase } from ${JSON.stringify(new URL('../sqliteDatabase.ts', import.meta.url).href)};
    const database = await openSqliteDatabase(${JSON.stringify(folder.path)});
    const insert = (id) => database.transaction((t) => t.insertInto('owners').values({ id, name: id, created_at_ms: 1 }).execute());
    copyFileSync(${JSON.stringify(path)}, ${JSON.stringify(copy)});
    await insert('later');
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'exit');
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  return { copy };
}

describe('the file alone', () => {
  it('contains everything while an idle server has it open', async () => {
    const database = await openSqliteDatabase(folder.path);
    for (let index = 0; index < 20; index += 1) await insert(database, `${10 + index}`);
    while (statSync(`${path}-wal`).size > 0) await setImmediate();
    const alone = await makeFolder();
    copyFileSync(path, join(alone.path, 'rill.sqlite'));
    expect(await opened(alone.path)).toHaveLength(20);
    await database.close();
    await alone.remove();
  });

  it('can be opened after its process was killed, and everything written is kept', async () => {
    await filled();
    await killed();
    expect(await opened()).toHaveLength(31);
  });
});

describe('a file that replaced another', () => {
  it.each([
    ['copied over it', (copy: string) => copyFileSync(copy, path)],
    ['moved over it', (copy: string) => renameSync(copy, path)],
    [
      'copied with its old time',
      (copy: string) => {
        copyFileSync(copy, `${path}-restored`);
        utimesSync(`${path}-restored`, 1000, 1000);
        renameSync(`${path}-restored`, path);
      },
    ],
  ])('%s while a newer log exists is detected', async (_, restore) => {
    await filled();
    const { copy } = await killed();
    restore(copy);
    expect(await refusal()).toContain('rill.sqlite-wal beside it still has writes of the former one');
    rmSync(`${path}-wal`);
    expect(await opened()).toHaveLength(30);
  });

  it('together with its log is opened in any folder', async () => {
    await filled();
    await killed();
    const other = await makeFolder();
    for (const name of ['rill.sqlite', 'rill.sqlite-wal', 'rill.sqlite-known'])
      copyFileSync(join(folder.path, name), join(other.path, name));
    expect(await opened(other.path)).toHaveLength(31);
    await other.remove();
  });
});

// Disks mostly give a new file the number of the one that was deleted last.
it('a file and its log are opened that replace others which were deleted', async () => {
  await filled();
  await killed();
  const log = readFileSync(`${path}-wal`);
  copyFileSync(path, `${path}-restored`);
  renameSync(`${path}-restored`, path);
  rmSync(`${path}-wal`);
  writeFileSync(`${path}-wal`, log);
  expect(await opened()).toHaveLength(31);
});

describe('a file that is incomplete', () => {
  it('is refused when it is empty, and a folder without a file gets a new one', async () => {
    await filled();
    truncateSync(path, 0);
    expect(await refusal()).toContain('is empty (0 bytes)');
    rmSync(path);
    expect(await opened()).toEqual([]);
  });

  it('is refused when it is missing and its log is not', async () => {
    await filled();
    await killed();
    rmSync(path);
    expect(await refusal()).toContain('is missing');
  });

  it.each([
    ['cut in the middle', () => truncateSync(path, 4096 * 9)],
    ['cut inside a page', () => truncateSync(path, 4096 * 9 + 100)],
    ['cut by its last page', () => truncateSync(path, statSync(path).size - 4096)],
    [
      'overwritten in the middle',
      () => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0x55, 4096, 4096 * 40));
      },
    ],
    [
      'zero behind its first page',
      () => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0, 4096));
      },
    ],
  ])('is refused when it was %s, with advice on what to do', async (_, damage) => {
    await filled();
    damage();
    expect(await refusal()).toMatch(
      /^The database .* is damaged \(.*\): put a back-up in its place, or .* save what can be read: sqlite3 '.*rill\.sqlite' \.dump \| /,
    );
  });

  it.each([
    ['of another kind', () => writeFileSync(path, 'This is a letter.'.repeat(1000))],
    ['zero throughout', () => writeFileSync(path, Buffer.alloc(40_960))],
    ['shorter than its own head', () => writeFileSync(path, 'SQLite')],
  ])('is refused when it is %s', async (_, make) => {
    await filled();
    make();
    expect(await refusal()).toContain('is no SQLite database, or its beginning is damaged');
  });

  it('is refused when it is a folder', async () => {
    mkdirSync(path);
    expect(await refusal()).toContain('is no file');
  });
});

describe('a data folder', () => {
  it.each([
    ['is a file', '', 'it is a file and no folder'],
    ['lies below a file', 'below', 'a part of its path is a file and no folder'],
  ])('that %s is refused in one sentence', async (_, below, problem) => {
    const file = join(folder.path, 'letter');
    writeFileSync(file, 'Dear reader');
    const directory = join(file, below);
    await expect(openSqliteDatabase(directory)).rejects.toThrow(
      new RegExp(`^The data folder ${directory} cannot be used: ${problem}: [^\\n]+ RILL_DATA_DIR\\.$`),
    );
    expect(readFileSync(file, 'utf8')).toBe('Dear reader');
  });

  it.each([
    ['EACCES', 'this user may not read and write it'],
    ['EROFS', 'its file system is read-only'],
    ['ENOSPC', 'its disk is full'],
  ])('that the system refuses with %s is reported with that reason', (code, problem) => {
    const cause = Object.assign(new Error(`${code}: no`), { code });
    expect(refusalOf(cause, '/data', '/data/rill.sqlite').message).toMatch(
      new RegExp(`^The data folder /data cannot be used: ${problem}: [^\\n]+ RILL_DATA_DIR\\.$`),
    );
  });
});

describe('a second server', () => {
  it('is refused although the lock file was deleted', async () => {
    const first = await openSqliteDatabase(folder.path);
    rmSync(join(folder.path, 'rill.lock'));
    expect(await refusal()).toMatch(/^Another Rill is already running on the data folder/);
    await insert(first, 'undisturbed');
    await first.close();
    expect(await opened()).toEqual(['undisturbed']);
  });
});

describe('a file system', () => {
  it.each([
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['SMB', 0xfe534d42],
    ['9p', 0x01021997],
    ['FUSE', 0x65735546],
  ])('that is %s leads to a warning', (name, type) => {
    expect(lockWarning('/data', () => type)).toContain(`is on a ${name} file system`);
  });

  it.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
  ])('that is %s leads to no warning', (_, type) => {
    expect(lockWarning('/data', () => type)).toBeNull();
  });

  it('of this machine can be identified', () => {
    expect(() => lockWarning(folder.path)).not.toThrow();
  });
});
