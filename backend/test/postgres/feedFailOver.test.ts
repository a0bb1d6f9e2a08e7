/** Tests what readers of a feed are told when the database has lost its last commits, as an asynchronous standby may. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { PostgresFeedStore } from '../../src/database/postgres/feedStore.ts';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { localOwnerId, seedDatabase } from '../../src/store/seed.ts';
import { startPostgres } from './postgresServer.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { describeWithPostgres } from './postgresTestDatabase.ts';

vi.setConfig({ testTimeout: 60_000 });

describeWithPostgres('the feed of a database', () => {
  it('has the same name after a restart, and another one once a standby was promoted', async () => {
    // The end of a recovery begins another timeline, as a promotion does.
    const server = await startPostgres({ settings: ['restore_command=false'] });
    const database = await openPostgresDatabase(postgresSettings(server.url('postgres')));
    try {
      await database.transaction((transaction) => seedDatabase(transaction, { projectId: 'p', nowMs: 1 }));
      const store = new PostgresFeedStore(database);
      await store.appendAlone(localOwnerId, [{ type: 'reset', dataJson: '{}' }]);
      const { id, lastNo } = await store.load(localOwnerId);
      expect([lastNo, (await store.names([localOwnerId, 'none'])).get(localOwnerId)]).toEqual([1, id]);
      await server.stop('immediate');
      await server.start();
      expect((await store.names([localOwnerId])).get(localOwnerId)).toBe(id);
      await server.stop('fast');
      await writeFile(join(server.dataDirectory, 'recovery.signal'), '', { mode: 0o666 });
      await server.start();
      // It lets readers in before its recovery ends, and is taken for a standby until then.
      await vi.waitFor(async () => {
        const { rows } = await server.query('SELECT pg_is_in_recovery() AS "isRecovering"');
        expect(rows).toEqual([{ isRecovering: false }]);
      }, 30_000);
      const renamed = await store.load(localOwnerId);
      expect(renamed.lastNo).toBe(1);
      expect(renamed.id).not.toBe(id);
      expect((await store.names([localOwnerId])).get(localOwnerId)).toBe(renamed.id);
    } finally {
      await database.close();
      await server.close();
    }
  });
});
