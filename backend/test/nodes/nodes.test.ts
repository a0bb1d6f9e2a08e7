import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeStaleReservations } from '../../src/store/money/budgets.ts';
import { claimFencedRuns, isOwnedElsewhere } from '../../src/store/runLeases.ts';
import { saveGeneration } from '../../src/store/runs.ts';
import { localOwnerId, seedDatabase } from '../../src/store/seed.ts';
import { claimDueLookups } from '../../src/store/usageLookups.ts';
import { openPostgresLine } from '../postgres/postgresLine.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { generationRow, storeRun } from '../testDatabase.ts';
import { type NodesBench, openNodesBench, type TestNode } from './nodesBench.ts';

let bench: NodesBench;
beforeEach(async () => {
  bench = await openNodesBench();
});
afterEach(() => bench.close());

const rows = async (text: string, values: unknown[] = []) => {
  const client = await bench.test.database.connect('control');
  const found = await client.query(text, values);
  await client.end();
  return found.rows;
};
const isFenced = async ({ bootId }: TestNode): Promise<boolean> => {
  const [row] = await rows('SELECT fenced_at_ms FROM nodes WHERE boot_id = $1', [bootId]);
  return row?.fenced_at_ms !== null;
};
const mayWrite = ({ database, bootId }: TestNode) =>
  database.transaction((transaction) => database.locks.node(transaction, bootId));

describeWithPostgres('a node', () => {
  it('renews its lease by the time of the database', async () => {
    const node = await bench.join();
    await bench.expire(node.bootId);
    await node.pass(2);
    const [{ leftMs }] = await rows(
      'SELECT expires_at_ms - extract(epoch from clock_timestamp()) * 1000 AS "leftMs" FROM heartbeats',
    );
    expect(Number(leftMs)).toBeGreaterThan(0);
    expect(Number(leftMs)).toBeLessThanOrEqual(8000);
  });

  it('is notified once that the schema has become too new for it, and still renews its lease', async () => {
    const node = await bench.join();
    await node.pass(4);
    expect(node.outdated).toEqual([]);
    await rows("UPDATE rill_meta SET oldest_release = '1.0.1'");
    await node.pass(6);
    expect(node.outdated).toEqual([
      'A newer version of Rill has changed this database, which needs at least 1.0.1 now, while this is 1.',
    ]);
    await bench.expire(node.bootId);
    await node.pass(2);
    const [{ isAhead }] = await rows(
      'SELECT expires_at_ms > extract(epoch from clock_timestamp()) * 1000 AS "isAhead" FROM heartbeats',
    );
    expect(isAhead).toBe(true);
  });

  it('whose lease has ended is fenced by another whose own renewals have worked for a lease, not before', async () => {
    await bench.settle();
    const [silent, other] = [await bench.join(), await bench.join()];
    await bench.expire(silent.bootId);
    await other.pass(8);
    expect([await isFenced(silent), await mayWrite(silent)]).toEqual([false, true]);
    await other.pass(2);
    expect([await isFenced(silent), await mayWrite(silent)]).toEqual([true, false]);
    expect(other.told).toContain('recover');
  });

  it('is not fenced while it renews, however long another looks', async () => {
    await bench.settle();
    const [one, other] = [await bench.join(), await bench.join()];
    for (let second = 0; second < 20; second++) {
      await one.pass(1);
      await other.pass(1);
    }
    expect([await isFenced(one), await isFenced(other)]).toEqual([false, false]);
  });

  it('fences nothing for a lease after its line was cut', async () => {
    await bench.settle();
    const [silent, other] = [await bench.join(), await bench.join()];
    await other.pass(9);
    await rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rill ' || $1 || ' control'`,
      [other.bootId],
    );
    await bench.expire(silent.bootId);
    await other.pass(9);
    expect(await isFenced(silent)).toBe(false);
    await other.pass(3);
    expect(await isFenced(silent)).toBe(true);
  });

  it('is not fenced after an outage for all, in which its lease ended, and may fence a lease later', async () => {
    await bench.settle();
    const line = await openPostgresLine(bench.test.url);
    const [one, other, gone] = [
      await bench.join(undefined, line.url),
      await bench.join(undefined, line.url),
      await bench.join(undefined, line.url),
    ];
    await Promise.all([one.pass(9), other.pass(9)]);
    line.refuse(true);
    line.cut();
    await Promise.all([one.pass(20), other.pass(20)]);
    for (const { bootId } of [one, other, gone]) await bench.expire(bootId);
    line.refuse(false);
    for (let second = 0; second < 8; second++) {
      await one.pass(1);
      await other.pass(1);
    }
    expect(await Promise.all([one, other, gone].map(isFenced))).toEqual([false, false, false]);
    await one.pass(3);
    expect(await Promise.all([one, other, gone].map(isFenced))).toEqual([false, false, true]);
    await Promise.all([one, other, gone].map(({ node }) => node.retire()));
    await line.close();
  });

  it('finishes a fence that another node announced, whatever its own lease', async () => {
    const [announced, other] = [await bench.join(), await bench.join()];
    await rows('INSERT INTO fence_wishes VALUES ($1)', [announced.bootId]);
    expect(await mayWrite(announced)).toBe(false);
    await other.pass(1);
    expect(await isFenced(announced)).toBe(true);
  });

  it('learns with its next renewal that it is fenced, once', async () => {
    const node = await bench.join();
    await rows('UPDATE nodes SET fenced_at_ms = 1 WHERE boot_id = $1', [node.bootId]);
    await node.pass(4);
    expect(node.told.filter((line) => line.startsWith('Another node'))).toEqual([
      'Another node took this one for dead, because it had not renewed its lease in time.',
    ]);
  });

  it('fences the last process of its name at its start, and leaves others alone', async () => {
    const [earlier, other] = [await bench.join('first'), await bench.join('second')];
    const later = await bench.join('first');
    expect([await isFenced(earlier), await isFenced(other), await isFenced(later)]).toEqual([
      true,
      false,
      false,
    ]);
    await earlier.pass(2);
    expect(earlier.told.at(-1)).toBe(
      'Another process was started with the same RILL_NODE_NAME, first, and took over.',
    );
  });

  it('is fenced although it stopped in the middle of a transaction, whose connection is ended', async () => {
    const [stopped, other] = [await bench.join(), await bench.join()];
    const locked = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<void>();
    const held = stopped.database
      .transaction(async (transaction) => {
        await stopped.database.locks.node(transaction, stopped.bootId);
        locked.resolve();
        await cut.promise;
        throw new Error('It never continues.');
      })
      .catch(() => undefined);
    await locked.promise;
    await rows('INSERT INTO fence_wishes VALUES ($1)', [stopped.bootId]);
    await other.pass(1);
    expect(await isFenced(stopped)).toBe(true);
    cut.resolve();
    await held;
  });

  it('that ends tells the others, which need not wait', async () => {
    const node = await bench.join();
    await node.node.retire();
    expect(await isFenced(node)).toBe(true);
  });

  it('looks every five seconds for own runs that it does not execute', async () => {
    const node = await bench.join();
    await node.pass(1);
    expect(node.looks.leftCount).toBe(1);
    await node.pass(10);
    expect(node.looks.leftCount).toBe(3);
  });

  it('is the only one that does what is done once for all, until its connection ends', async () => {
    const [one, other] = [await bench.join(), await bench.join()];
    await one.pass(1);
    await other.pass(1);
    expect([one.node.isMaintainer, other.node.isMaintainer]).toEqual([true, false]);
    expect([one.told, other.told]).toEqual([['maintain'], []]);
    await one.node.retire();
    await other.pass(1);
    expect(other.node.isMaintainer).toBe(true);
  });
});

describeWithPostgres('what a fenced node leaves', () => {
  it('is claimed by one of the nodes that claim at once, and what a live node has by none', async () => {
    const [gone, live, one, other] = [
      await bench.join(),
      await bench.join(),
      await bench.join(),
      await bench.join(),
    ];
    const left = await Promise.all(
      Array.from({ length: 12 }, () => storeRun(bench.test, { boot_id: gone.bootId })),
    );
    const kept = await storeRun(bench.test, { boot_id: live.bootId });
    await gone.node.retire();
    const holder = { bootId: one.bootId, isExclusive: false, isNode: true };
    const { reader } = bench.test.database;
    expect(await isOwnedElsewhere(reader, holder, kept.runId)).toBe(true);
    expect(await isOwnedElsewhere(reader, holder, left[0]?.runId ?? '')).toBe(false);
    const claim = ({ database, bootId }: TestNode, limit: number) =>
      database.transaction((transaction) => claimFencedRuns(transaction, bootId, limit));
    const claimed = await Promise.all([claim(one, 5), claim(other, 5)]);
    const rest = await claim(one, 50);
    const ids = [...claimed.flat(), ...rest].map(({ row }) => row.id);
    expect(ids.sort()).toEqual(left.map(({ runId }) => runId).sort());
    expect(rest[0]).toMatchObject({ lease: { epoch: 2 }, row: { epoch: 1, recovery_attempts: 0 } });
  });

  it('are reservations of money, which are free again; those of a live node stay', async () => {
    const [gone, live] = [await bench.join(), await bench.join()];
    const { database, projectId } = bench.test;
    const reserved = { owner_id: localOwnerId, project_id: projectId, nanos: 1 };
    await database.transaction((transaction) =>
      transaction
        .insertInto('budget_reservations')
        .values([
          { ...reserved, run_id: 'a', boot_id: gone.bootId },
          { ...reserved, run_id: 'b', boot_id: live.bootId },
        ])
        .execute(),
    );
    await gone.node.retire();
    await database.transaction((transaction) => removeStaleReservations(transaction, true));
    expect(await rows('SELECT run_id FROM budget_reservations')).toEqual([{ run_id: 'b' }]);
  });
});

describeWithPostgres('nodes that do the same at once', () => {
  it('look up the usage of a call once', async () => {
    const { runId } = await storeRun(bench.test);
    const { database } = bench.test;
    await database.transaction(async (transaction) => {
      for (let attempt = 1; attempt <= 8; attempt++) {
        const row = generationRow({ run_id: runId, attempt, next_look_up_at_ms: 10 });
        await saveGeneration(transaction, row);
      }
    });
    const claim = () =>
      database.transaction((transaction) => claimDueLookups(transaction, 20, 60_020, 4), 'process-death');
    const claimed = (await Promise.all([claim(), claim(), claim()])).flat();
    claimed.push(...(await claim()));
    expect(new Set(claimed.map(({ id }) => id)).size).toBe(8);
    expect(claimed).toHaveLength(8);
  });

  it('seed an empty database once', async () => {
    const { database } = bench.test;
    await rows('DELETE FROM projects');
    await rows('DELETE FROM owners');
    const seed = (projectId: string) =>
      database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
    await Promise.all([seed('a'), seed('b'), seed('c')]);
    expect(await rows('SELECT count(*)::int AS n FROM projects')).toEqual([{ n: 1 }]);
  });
});
