import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../test/testDatabase.ts';
import type { AfterCommit, Durability, WriteTransaction } from '../database.ts';
import { openSqliteDatabase, type SqliteDatabase } from './sqliteDatabase.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const insertOwner = (id: string) => (transaction: WriteTransaction) =>
  transaction.insertInto('owners').values({ id, name: id, created_at_ms: 1 }).execute();
const ownersIn = async (database: SqliteDatabase) =>
  (await database.reader.selectFrom('owners').select('id').orderBy('id').execute()).map((row) => row.id);

describe('opening', () => {
  it('creates the folder, and finds the data when it is opened again', async () => {
    const path = join(folder.path, 'a', 'b');
    const first = await openSqliteDatabase(path);
    await first.transaction(insertOwner('kept'));
    await first.close();
    const second = await openSqliteDatabase(path);
    expect(await ownersIn(second)).toEqual(['kept']);
    await second.close();
  });

  it('starts with an empty write-ahead log after a killed process, and keeps the data of the log', async () => {
    const first = await openSqliteDatabase(folder.path);
    for (let index = 100; index < 200; index += 1) await first.transaction(insertOwner(`kept-${index}`));
    const killed = await makeFolder();
    for (const name of ['rill.sqlite', 'rill.sqlite-wal']) {
      await copyFile(join(folder.path, name), join(killed.path, name));
    }
    await first.close();
    expect((await stat(join(killed.path, 'rill.sqlite-wal'))).size).toBeGreaterThan(100_000);
    const second = await openSqliteDatabase(killed.path);
    expect((await stat(join(killed.path, 'rill.sqlite-wal'))).size).toBe(0);
    expect(await ownersIn(second)).toHaveLength(100);
    await second.close();
    await killed.remove();
  });

  it('is refused while another process holds the folder, and allowed once it is free', async () => {
    const first = await openSqliteDatabase(folder.path);
    await expect(openSqliteDatabase(folder.path)).rejects.toThrow(
      `Another Rill is already running on the data folder ${folder.path}.`,
    );
    await first.transaction(insertOwner('undisturbed'));
    await first.close();
    const second = await openSqliteDatabase(folder.path);
    expect(await ownersIn(second)).toEqual(['undisturbed']);
    await second.close();
  });

  it('reports a folder that cannot be used, and not that another Rill runs there', async () => {
    const sentence = (path: string) => `The data folder ${path} cannot be used`;
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    await expect(openSqliteDatabase(file)).rejects.toThrow(sentence(file));
    const noLock = join(folder.path, 'no-lock');
    await mkdir(join(noLock, 'rill.lock'), { recursive: true });
    await expect(openSqliteDatabase(noLock)).rejects.toThrow(sentence(noLock));
    const noDatabase = join(folder.path, 'no-database');
    await mkdir(join(noDatabase, 'rill.sqlite'), { recursive: true });
    await expect(openSqliteDatabase(noDatabase)).rejects.toThrow(sentence(noDatabase));
  });

  it('reports a file that is no database, and does not change it', async () => {
    await writeFile(join(folder.path, 'rill.sqlite'), 'This is a letter, not a database.'.repeat(100));
    await expect(openSqliteDatabase(folder.path)).rejects.toThrow(/^The data folder .* cannot be used/);
  });

  it('refuses a database from a newer version in one sentence, and releases it', async () => {
    await (await openSqliteDatabase(folder.path)).close();
    const migrate = (statement: string) => {
      const connection = new DatabaseSync(join(folder.path, 'rill.sqlite'));
      connection.exec(statement);
      connection.close();
    };
    migrate("INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01')");
    await expect(openSqliteDatabase(folder.path)).rejects.toThrow(
      'This database was made by a newer version of Rill; start that version, or point RILL_DATA_DIR elsewhere.',
    );
    migrate("DELETE FROM kysely_migration WHERE name = '9999-later'");
    await (await openSqliteDatabase(folder.path)).close();
  });
});

describe('an open database', () => {
  let database: SqliteDatabase;
  beforeEach(async () => {
    database = await openSqliteDatabase(folder.path);
  });
  afterEach(() => database.close());

  it('hides a write from reads until it is committed', async () => {
    await database.transaction(async (transaction) => {
      await insertOwner('a')(transaction);
      expect(await ownersIn(database)).toEqual([]);
    });
    expect(await ownersIn(database)).toEqual(['a']);
  });

  it('refuses a write on the reading side', async () => {
    const write = database.reader.insertInto('owners').values({ id: 'a', name: 'a', created_at_ms: 1 });
    await expect(write.execute()).rejects.toThrow('readonly');
  });

  it.each(['power-loss', 'process-death'] as const)(
    'rolls back a %s transaction that fails, and runs the next one',
    async (durability) => {
      const failing = database.transaction(async (transaction) => {
        await insertOwner('undone')(transaction);
        throw new Error('changed its mind');
      }, durability);
      const next = database.transaction(insertOwner('next'), durability);
      await expect(failing).rejects.toThrow('changed its mind');
      await next;
      expect(await ownersIn(database)).toEqual(['next']);
    },
  );

  it('flushes pending socket writes before a commit waits for the disk', async () => {
    const order: string[] = [];
    // As node:http does with the writes of one turn.
    process.nextTick(() => order.push('written'));
    await database.transaction(async (transaction) => {
      order.push('committing');
      await insertOwner('a')(transaction);
    });
    expect(order).toEqual(['written', 'committing']);
  });

  it('syncs to disk what is to survive power loss, and nothing else, in whichever order they come', async () => {
    const kinds: Durability[] = ['power-loss', 'process-death', 'process-death', 'power-loss'];
    const modes: unknown[] = [];
    const noteMode = (connection: DatabaseSync) =>
      modes.push(connection.prepare('PRAGMA synchronous').get()?.synchronous);
    for (const kind of kinds) {
      await database.transaction(async ({ statements }) => {
        modes.push(statements.prepare('PRAGMA synchronous').firstRow([])?.synchronous);
      }, kind);
    }
    await database.fastTransaction(noteMode);
    const [normal, full] = [1, 2];
    expect(modes).toEqual([full, normal, normal, full, normal]);
  });

  it('rolls back a fast transaction that fails, and runs the next one', async () => {
    const insert = "INSERT INTO owners VALUES ('a', 'a', 1)";
    const failing = database.fastTransaction((connection) => {
      connection.exec(insert);
      connection.exec(insert);
    });
    await expect(failing).rejects.toThrow('UNIQUE');
    expect(await ownersIn(database)).toEqual([]);
    await database.fastTransaction((connection) => connection.exec(insert));
    expect(await ownersIn(database)).toEqual(['a']);
  });

  it.each(['transaction', 'fastTransaction'] as const)(
    'waits in a %s until a foreign program releases its lock',
    async (kind) => {
      const foreign = new DatabaseSync(join(folder.path, 'rill.sqlite'));
      foreign.exec('BEGIN IMMEDIATE');
      const write =
        kind === 'transaction'
          ? database.transaction(insertOwner('late'))
          : database.fastTransaction((connection) =>
              connection.exec("INSERT INTO owners VALUES ('late', '', 1)"),
            );
      // The first attempt has failed by then, and the event loop was free to run this.
      await setImmediate();
      foreign.exec('COMMIT');
      foreign.close();
      await write;
      expect(await ownersIn(database)).toEqual(['late']);
    },
  );

  it('runs transactions of every kind one after another, in call order', async () => {
    const order: string[] = [];
    const slow = (name: string) => async () => {
      order.push(`${name} starts`);
      await setImmediate();
      order.push(`${name} ends`);
    };
    await Promise.all([
      database.transaction(slow('a')),
      database.fastTransaction(() => order.push('b')),
      database.transaction(slow('c'), 'process-death'),
      database.fastTransaction(() => order.push('d')),
    ]);
    expect(order).toEqual(['a starts', 'a ends', 'b', 'c starts', 'c ends', 'd']);
  });

  it('runs callbacks after each commit, before the next transaction and in the order of commits', async () => {
    const order: string[] = [];
    const insert = (id: string) => async (transaction: WriteTransaction, afterCommit: AfterCommit) => {
      order.push(`${id} starts`);
      afterCommit(() => order.push(`${id} is published`));
      await insertOwner(id)(transaction);
      await setImmediate();
    };
    await Promise.all([
      database.transaction(insert('a')),
      database.transaction(insert('b'), 'process-death'),
      database.transaction(insert('c')),
    ]);
    expect(order).toEqual(['a', 'b', 'c'].flatMap((id) => [`${id} starts`, `${id} is published`]));
  });

  it('runs callbacks when the write can be read, and never after a rollback', async () => {
    const calledBack: Promise<string[]>[] = [];
    const record = (afterCommit: AfterCommit) => afterCommit(() => calledBack.push(ownersIn(database)));
    const failing = database.transaction(async (transaction, afterCommit) => {
      await insertOwner('undone')(transaction);
      record(afterCommit);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    await database.transaction(async (transaction, afterCommit) => {
      record(afterCommit);
      await insertOwner('kept')(transaction);
    });
    expect(await Promise.all(calledBack)).toEqual([['kept']]);
  });

  it('runs callbacks once for a transaction that was retried because of a foreign lock', async () => {
    const calls = { work: 0, calledBack: 0 };
    const foreign = new DatabaseSync(join(folder.path, 'rill.sqlite'));
    const write = database.transaction(async (transaction, afterCommit) => {
      calls.work += 1;
      afterCommit(() => {
        calls.calledBack += 1;
      });
      // Another program takes the lock between the start of the transaction and its first write.
      if (calls.work === 1) foreign.exec('BEGIN IMMEDIATE');
      await insertOwner('late')(transaction);
    });
    await setImmediate();
    foreign.exec('COMMIT');
    foreign.close();
    await write;
    expect(calls).toEqual({ work: 2, calledBack: 1 });
  });

  it('refuses by its own constraints a second open run in a chat, and a second start or end of a run', async () => {
    const insert = (statement: string) =>
      database.fastTransaction((connection) => connection.exec(statement));
    const run = (id: string, endedAtMs: string) =>
      `INSERT INTO runs (id, owner_id, project_id, chat_id, message_id, state, model, settings_json, boot_id,
         epoch, lease_expires_at_ms, created_at_ms, ended_at_ms)
       VALUES ('${id}', 'o', 'p', 'c', 'm', 'accepted', 'x', '{}', 'b', 1, 1, 1, ${endedAtMs})`;
    const event = (seq: number, type: string) =>
      `INSERT INTO run_events VALUES (NULL, 'r1', ${seq}, '${type}', '{}', 0, 0)`;
    await insert("INSERT INTO owners VALUES ('o', 'o', 1)");
    await insert(
      "INSERT INTO projects (id, owner_id, name, created_at_ms, updated_at_ms) VALUES ('p', 'o', 'p', 1, 1)",
    );
    await insert(
      "INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms) VALUES ('c', 'o', 'p', '', 1, 1)",
    );
    await insert(run('r1', 'NULL'));
    await expect(insert(run('r2', 'NULL'))).rejects.toThrow('UNIQUE');
    await insert(run('r2', '5'));
    await insert(event(1, 'run-start'));
    await insert(event(2, 'error'));
    await expect(insert(event(3, 'done'))).rejects.toThrow('UNIQUE');
    await expect(insert(event(1, 'run-start'))).rejects.toThrow('UNIQUE');
    await insert("DELETE FROM projects WHERE id = 'p'");
    expect(await database.reader.selectFrom('run_events').select('seq').execute()).toEqual([]);
  });
});

it('closes only after the writes that have started', async () => {
  const database = await openSqliteDatabase(folder.path);
  const written = database.transaction(async (transaction) => {
    await setImmediate();
    await insertOwner('last')(transaction);
  });
  await database.close();
  await written;
  const again = await openSqliteDatabase(folder.path);
  expect(await ownersIn(again)).toEqual(['last']);
  await again.close();
});
