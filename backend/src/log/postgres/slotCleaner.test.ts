import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { framesOf, recordsOf } from '../../../test/eventLogContract.ts';
import { openPostgresLog, type PostgresLogBench } from '../../../test/postgres/postgresLogBench.ts';
import { describeWithPostgres } from '../../../test/postgres/postgresTestDatabase.ts';
import { cleanUpNextSlot } from './slotCleaner.ts';
import { slotOf } from './slotOfRun.ts';

const slotMs = 15 * 60_000;

describeWithPostgres('the clean-up of slots', () => {
  let bench: PostgresLogBench;
  beforeEach(async () => {
    bench = await openPostgresLog();
  });
  afterEach(() => bench.close());

  /** The id of a run that began when the slot that is used next was used last. */
  const idInNextSlot = () => newId({ msecs: Date.now() - 5 * slotMs });
  const nextSlot = () => slotOf(idInNextSlot(), slotMs);
  const cleanUp = (endedBeforeMs = 1000) =>
    cleanUpNextSlot(
      {
        reader: bench.database.reader,
        connect: () => bench.database.connect('control'),
        slotMs,
      },
      endedBeforeMs,
    );
  const storeEvents = async (id: string) => {
    const lease = await bench.newRun({ id });
    await bench.log.append(lease, recordsOf(lease.runId, 1));
  };
  const end = (id: string, endedAtMs: number) =>
    bench.elsewhere.query('UPDATE runs SET ended_at_ms = $2 WHERE id = $1', [id, endedAtMs]);
  const countOf = async (id: string) => (await framesOf(bench.log, id)).length;

  it('empties the slot that is used next, and no other', async () => {
    const ids = [idInNextSlot(), idInNextSlot(), newId(), newId({ msecs: Date.now() - 3 * slotMs })];
    for (const id of ids) await storeEvents(id);
    for (const id of ids) await end(id, 999);
    expect(await cleanUp()).toBe(nextSlot());
    expect(await Promise.all(ids.map(countOf))).toEqual([0, 0, 3, 3]);
    expect(await cleanUp()).toBeNull();
  });

  it('keeps the slot of a run that is open or has ended lately', async () => {
    const [open, recent] = [idInNextSlot(), idInNextSlot()];
    for (const id of [open, recent]) await storeEvents(id);
    await end(recent, 999);
    expect(await cleanUp()).toBeNull();
    await end(open, 1000);
    expect(await cleanUp()).toBeNull();
    expect(await Promise.all([open, recent].map(countOf))).toEqual([3, 3]);
    expect(await cleanUp(1001)).toBe(nextSlot());
  });

  it('empties a slot with events of runs that were deleted', async () => {
    const id = idInNextSlot();
    await storeEvents(id);
    await bench.elsewhere.query('DELETE FROM runs WHERE id = $1', [id]);
    expect(await cleanUp()).toBe(nextSlot());
    expect(await countOf(id)).toBe(0);
  });

  it('is done by one of several processes', async () => {
    const id = idInNextSlot();
    await storeEvents(id);
    await end(id, 999);
    const slots = await Promise.all([cleanUp(), cleanUp(), cleanUp()]);
    expect(slots.filter((slot) => slot !== null)).toEqual([nextSlot()]);
  });

  it('keeps the first event of a run that a wrong clock put there while the lock was waited for', async () => {
    const [old, id] = [idInNextSlot(), idInNextSlot()];
    await storeEvents(old);
    await end(old, 999);
    const { runId } = await bench.newRun({ id });
    await end(id, 999);
    // As a send does: its run is open only once its transaction is committed.
    await bench.elsewhere.query('BEGIN');
    await bench.elsewhere.query('UPDATE runs SET ended_at_ms = NULL WHERE id = $1', [runId]);
    await bench.elsewhere.query(
      `INSERT INTO run_events_${nextSlot()} SELECT $1, 1, 'run-start', '{}', 0, 0`,
      [runId],
    );
    const cleaned = cleanUp();
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'relation' AND NOT granted`;
    const state = { isDone: false };
    void cleaned.finally(() => {
      state.isDone = true;
    });
    while (!state.isDone && (await bench.elsewhere.query(waiting)).rowCount === 0);
    await bench.elsewhere.query('COMMIT');
    expect(await cleaned).toBeNull();
    expect(await bench.seqsSeenElsewhere(id)).toEqual([1]);
  });

  it('gives up soon when the slot is being read for a long time', async () => {
    const id = idInNextSlot();
    await storeEvents(id);
    await end(id, 999);
    await bench.elsewhere.query('BEGIN');
    await bench.elsewhere.query(`LOCK TABLE run_events_${nextSlot()} IN ACCESS SHARE MODE`);
    expect(await cleanUp()).toBeNull();
    await bench.elsewhere.query('COMMIT');
    expect(await cleanUp()).toBe(nextSlot());
  });
});
