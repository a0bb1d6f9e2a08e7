/** Tests that `rill move` moves a data folder into a Postgres and back, and reports what it refuses. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithPostgres, makeFreshDatabase } from '../../backend/test/postgres/postgresTestDatabase.ts';
import { makeFolder, openTestDatabase, storeChat } from '../../backend/test/testDatabase.ts';
import { runCli } from './runCli.ts';

describeWithPostgres('rill move', () => {
  it('moves a data folder to PostgreSQL and back, and never into a database that has rows', async () => {
    const fresh = await makeFreshDatabase();
    const folder = await makeFolder();
    const source = await openTestDatabase();
    const move = (...words: string[]) =>
      runCli(['move', ...words], {
        cwd: folder.path,
        environment: { RILL_DATA_DIR: source.dataDirectory },
      });
    expect((await move('--to', fresh.url)).err).toContain('Another Rill is already running');
    await storeChat(source);
    await source.database.close();
    const there = await move('--to', fresh.url);
    expect(there.err).toBe('');
    expect(there.out).toMatch(/^chats: 1 rows, [0-9a-f]{16}$/m);
    expect((await move('--to', fresh.url)).err).toContain('The target is not empty');
    rmSync(join(source.dataDirectory, 'rill.sqlite'));
    rmSync(join(source.dataDirectory, 'rill.sqlite-known'), { force: true });
    expect((await move('--from', fresh.url)).out).toBe(there.out);
    expect((await move('--to', 'sqlite://there')).err).toContain('rill move --to');
    await source.close();
    await folder.remove();
    await fresh.giveBack();
  }, 120_000);
});
