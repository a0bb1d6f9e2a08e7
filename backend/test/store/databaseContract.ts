/** Defines the contract of the database port, on any engine. */
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queryable, WriteTransaction } from '../../src/database/database.ts';
import { insertRun, insertSendKey } from '../../src/store/runs.ts';
import { type OpenDatabase, storeChat, storeRun } from '../testDatabase.ts';

export function describeDatabase(open: () => Promise<OpenDatabase>): void {
  describe('the database port', () => {
    let test: OpenDatabase;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    const insertOwner = (id: string) => (transaction: WriteTransaction) =>
      transaction.insertInto('owners').values({ id, name: id, created_at_ms: 1 }).execute();
    const owners = async () =>
      (await test.database.reader.selectFrom('owners').select('id').orderBy('id').execute()).map(
        ({ id }) => id,
      );
    const errorOf = (work: (transaction: WriteTransaction) => Promise<unknown>): Promise<unknown> =>
      test.database.transaction(work).then(
        () => null,
        (error: unknown) => error,
      );

    it.each(['power-loss', 'process-death'] as const)(
      'shows a transaction that survives %s once it is committed, and calls back after that',
      async (durability) => {
        const seen: string[][] = [];
        await test.database.transaction(async (transaction, afterCommit) => {
          afterCommit(() => void seen.push(['after']));
          await insertOwner('new')(transaction);
          seen.push(await owners());
        }, durability);
        expect([...seen, await owners()]).toEqual([['local'], ['after'], ['local', 'new']]);
      },
    );

    it('rolls back a failed transaction, and runs none of its callbacks', async () => {
      const called: string[] = [];
      const failing = test.database.transaction(async (transaction, afterCommit) => {
        afterCommit(() => void called.push('after'));
        await insertOwner('new')(transaction);
        throw new Error('changed its mind');
      });
      await expect(failing).rejects.toThrow('changed its mind');
      expect([await owners(), called]).toEqual([['local'], []]);
    });

    it('gives a snapshot that keeps what was committed before it, while others write', async () => {
      const ownersOf = async (db: Queryable) =>
        (await db.selectFrom('owners').select('id').orderBy('id').execute()).map(({ id }) => id);
      await test.database.transaction(insertOwner('before'));
      const seen = await test.database.readSnapshot(async (reader) => {
        await test.database.transaction(insertOwner('meanwhile'));
        return [await ownersOf(reader), await ownersOf(test.database.reader)];
      });
      expect(seen).toEqual([
        ['before', 'local'],
        ['before', 'local', 'meanwhile'],
      ]);
      const failing = test.database.readSnapshot(() => Promise.reject(new Error('changed its mind')));
      await expect(failing).rejects.toThrow('changed its mind');
    });

    it('distinguishes a row that an index refused from any other failure, and from foreign errors', async () => {
      const { runId, key } = await storeRun(test);
      const { failureOf } = test.database;
      const made = { runId, bodyHash: 'hash', nowMs: 1 };
      const sendKey = { ownerId: key.ownerId, chatId: key.chatId, key: 'key-1' };
      const storeKey = (transaction: WriteTransaction) => insertSendKey(transaction, sendKey, made);
      await test.database.transaction(storeKey);
      const secondRun = async (transaction: WriteTransaction) => {
        const { lease_expires_at_ms: _, ...row } = await transaction
          .selectFrom('runs')
          .selectAll()
          .executeTakeFirstOrThrow();
        await insertRun(transaction, { ...row, id: 'a-second-run' });
      };
      const unknownTable = (transaction: WriteTransaction) => sql`SELECT * FROM nowhere`.execute(transaction);
      const errors = [storeKey, secondRun, insertOwner('local'), unknownTable].map(errorOf);
      expect((await Promise.all(errors)).map(failureOf)).toEqual([
        'duplicate',
        'duplicate',
        'duplicate',
        'failed',
      ]);
      expect(failureOf(await errorOf(() => Promise.reject(new Error('ours'))))).toBeNull();
    });

    it('has one clock for all connections, which never goes back', async () => {
      const now = async (db = test.database.reader) =>
        Number(
          (await db.selectFrom('owners').select(db.sharedNowMs.as('now')).executeTakeFirstOrThrow()).now,
        );
      const first = await now();
      const second = await test.database.transaction((transaction) => now(transaction));
      expect(second).toBeGreaterThanOrEqual(first);
      expect(await now()).toBeGreaterThanOrEqual(second);
    });

    it('locks a chat for a transaction and releases it at the end', async () => {
      const { locks } = test.database;
      const { chatId } = await storeChat(test);
      const order: string[] = [];
      const enter = (name: string) =>
        test.database.transaction(async (transaction) => {
          await locks.chat(transaction, chatId);
          order.push(name);
          await owners();
          order.push(name);
        });
      await Promise.all([enter('a'), enter('b')]);
      expect(order).toEqual([order[0], order[0], order[2], order[2]]);
    });
  });
}
