/** Tests archives that are written while everything changes: each is of one moment, and can be restored. */
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { writeArchive } from '../src/archive/writeArchive.ts';
import { localOwnerId } from '../src/store/seed.ts';
import { exportOf, importInto } from './archiveBench.ts';
import { ArchiveWalk } from './archiveWalk.ts';
import { jsonOf } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { openTestDatabase, storeChat } from './testDatabase.ts';

const started: TestServer[] = [];
async function start(): Promise<TestServer> {
  const server = await startTestServer();
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

describe('an archive that is written while the server works', () => {
  it('is of one moment, can be restored, and gives the same archive again', async () => {
    const server = await start();
    const numbers = Array.from({ length: 97 }, (_, index) => ((index + 1) * 0.6180339887) % 1);
    const walk = new ArchiveWalk(server, numbers);
    await walk.run(10);
    const emptyBin = async () => {
      const binned = server.request('GET', '/api/chats?mark=deleted');
      const { totalCount } = await jsonOf<{ totalCount: number }>(binned);
      if (totalCount > 0) await server.request('POST', '/api/bin/empty', { count: totalCount });
    };
    const archives: Buffer[] = [];
    for (let round = 0; round < 6; round += 1) {
      const changes = walk.run(2).then(emptyBin);
      archives.push(await exportOf(server));
      await changes;
    }
    for (const archive of [archives[2], archives[5]]) {
      if (!archive) continue;
      const other = await start();
      expect(await importInto(other, archive)).toMatchObject({ state: 'completed', problem: null });
      const again = await start();
      const restored = await exportOf(other);
      await importInto(again, restored);
      expect(Buffer.compare(restored, await exportOf(again))).toBe(0);
    }
  }, 120_000);
});

describe('an archive whose reader stalls', () => {
  it('ends after the time limit for stalled readers, and frees the snapshot', async () => {
    const test = await openTestDatabase();
    const clock = new FakeClock();
    for (let index = 0; index < 300; index += 1) await storeChat(test);
    let isOpen = false;
    const archive = writeArchive({
      ownerId: localOwnerId,
      files: { open: () => Promise.reject(new Error('There are no files.')) },
      limit: { clock, stalledReaderTimeoutMs: 60_000 },
      database: {
        async readSnapshot(work) {
          isOpen = true;
          return test.database.readSnapshot(work).finally(() => {
            isOpen = false;
          });
        },
      },
    });
    archive.on('error', () => undefined);
    await new Promise((resolve) => archive.once('readable', resolve));
    clock.advance(60_000);
    expect([archive.destroyed, isOpen]).toEqual([false, true]);
    const isStalled = () => {
      clock.advance(60_000);
      return archive.destroyed;
    };
    await expect.poll(isStalled).toBe(true);
    await expect.poll(() => isOpen).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    await test.close();
  });

  it('is complete for a slow reader', async () => {
    const test = await openTestDatabase();
    const clock = new FakeClock();
    for (let index = 0; index < 300; index += 1) await storeChat(test);
    const archive = writeArchive({
      ownerId: localOwnerId,
      files: { open: () => Promise.reject(new Error('There are no files.')) },
      limit: { clock, stalledReaderTimeoutMs: 60_000 },
      database: test.database,
    });
    const slowly = async function* () {
      for await (const chunk of archive) {
        clock.advance(59_000);
        yield chunk as Buffer;
      }
    };
    expect((await buffer(slowly())).subarray(-22, -18).toString()).toBe('PK\u0005\u0006');
    expect(clock.pendingTimers).toBe(0);
    await test.close();
  });
});
