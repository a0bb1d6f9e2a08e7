/** Tests claims of runs that another node claims at the same time. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { claimFencedRuns } from '../../src/store/runLeases.ts';
import { seedDatabase } from '../../src/store/seed.ts';
import { storeRun } from '../testDatabase.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { describeWithPostgres, makeFreshDatabase } from './postgresTestDatabase.ts';

const gate = 4711;

describeWithPostgres('a claim of the runs of a fenced node', () => {
  it('leaves out one that another node has claimed since it began to look', async () => {
    const fresh = await makeFreshDatabase();
    const database = await openPostgresDatabase(postgresSettings(fresh.url));
    const other = new pg.Client({ connectionString: fresh.url });
    await other.connect();
    try {
      const projectId = 'project';
      await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
      const test = { database, projectId, close: async () => undefined };
      const [first, second] = [await storeRun(test), await storeRun(test)];
      await other.query(`INSERT INTO nodes (boot_id, version, started_at_ms)
        VALUES ('one', '1', 1), ('two', '1', 1)`);
      // The claim waits when it has found the first run, and before it has the second.
      await other.query(`CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_advisory_xact_lock(${gate}); RETURN new; END $$;
        CREATE TRIGGER wait_at_gate BEFORE UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION wait_at_gate();
        SELECT pg_advisory_lock(${gate})`);
      const claiming = database.transaction((transaction) => claimFencedRuns(transaction, 'one', 50));
      const isWaiting = async () =>
        (await other.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount;
      while ((await isWaiting()) === 0);
      await other.query(`SET session_replication_role = replica`);
      await other.query(`UPDATE runs SET boot_id = 'two', epoch = 2 WHERE id = $1`, [second.runId]);
      await other.query(`SELECT pg_advisory_unlock(${gate})`);
      expect((await claiming).map(({ lease }) => lease)).toEqual([{ runId: first.runId, epoch: 2 }]);
    } finally {
      await other.end();
      await database.close();
      await fresh.giveBack(true);
    }
  });
});
