/** Tests imports of conversations and archives over the death of the process, with real processes. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ImportJob } from '@rill/protocol';
import { expect, it } from 'vitest';
import { beginImport, exportOf, jobOf } from './archiveBench.ts';
import { jsonOf } from './callServer.ts';
import { sampleConversation, zipOf } from './exportArchive.ts';
import { processBench } from './processBench.ts';
import type { ReadyProcess } from './startProcess.ts';

const bench = processBench();
const count = 1200;

const exportZip = () =>
  zipOf(
    Object.fromEntries(
      [0, 1, 2].map((file) => [
        `conversations-00${file}.json`,
        JSON.stringify(
          Array.from({ length: count / 3 }, (_, index) =>
            sampleConversation((file * count) / 3 + index, 3, (turn) => `Answer ${turn} `.repeat(50)),
          ),
        ),
      ]),
    ),
  );

const waitFor = (rill: ReadyProcess, id: string, isIt: (job: ImportJob) => boolean) =>
  expect.poll(async () => isIt(await jobOf(rill, id)), { timeout: 60_000, interval: 5 }).toBe(true);

/** All that was stored, without the ids that differ from one import to the next. */
function storedIn(folder: string): unknown[] {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT chats.title, chats.created_at_ms, chats.updated_at_ms, messages.role, messages.content,
         messages.created_at_ms AS message_ms, parents.content AS parent, messages.id = chats.active_leaf_id AS is_leaf
       FROM chats JOIN messages ON messages.chat_id = chats.id LEFT JOIN messages AS parents ON parents.id = messages.parent_id
       ORDER BY chats.title, messages.created_at_ms, messages.content`,
    )
    .all();
  database.close();
  return rows;
}

it('an import that kill -9 interrupts twice continues with each start, and is as if it never was', async () => {
  const body = await exportZip();
  let rill = await bench.start();
  const id = await beginImport(rill, body);
  for (const done of [50, 300]) {
    await waitFor(rill, id, ({ doneItems }) => doneItems >= done);
    rill.child.kill('SIGKILL');
    await rill.ended;
    rill = await bench.start();
  }
  await waitFor(rill, id, ({ state }) => state === 'completed');
  expect((await jobOf(rill, id)).outcomes).toEqual({ imported: count });
  const stored = storedIn(bench.folder);
  expect(stored).toHaveLength(count * 7);
  expect(new Set(stored.map((row) => JSON.stringify(row))).size).toBe(count * 7);
  const again = await beginImport(rill, body);
  await waitFor(rill, again, ({ state }) => state === 'completed');
  expect((await jobOf(rill, again)).outcomes).toEqual({ unchanged: count });
  expect(storedIn(bench.folder)).toEqual(stored);
});

it('an import that is stopped stores nothing more until it is started again', async () => {
  const rill = await bench.start();
  const id = await beginImport(rill, await exportZip());
  await waitFor(rill, id, ({ doneItems }) => doneItems >= 20);
  const stopped = await jsonOf<ImportJob>(rill.request('POST', `/api/import/${id}/stop`));
  expect(stopped.state).toBe('stopped');
  expect(stopped.doneItems).toBeLessThan(count);
  await rill.request('POST', `/api/import/${id}/start`, {});
  await waitFor(rill, id, ({ state }) => state === 'completed');
  expect((await jobOf(rill, id)).outcomes).toEqual({ imported: count });
});

it('a restore that kill -9 interrupts twice continues with each start, and gives the same archive', async () => {
  const source = await bench.start();
  const id = await beginImport(source, await exportZip());
  await waitFor(source, id, ({ state }) => state === 'completed');
  await source.request('PUT', '/api/budget', { monthlyUsd: 5 });
  await source.request('POST', '/api/prompts', { name: 'Mine', content: 'About {{topic}}' });
  const archive = await exportOf(source);

  const elsewhere = { RILL_DATA_DIR: join(bench.folder, 'restored') };
  let rill = await bench.start(elsewhere);
  const restored = await beginImport(rill, archive);
  for (const done of [50, 300]) {
    await waitFor(rill, restored, ({ doneItems }) => doneItems >= done);
    expect((await jobOf(rill, restored)).state).toBe('running');
    rill.child.kill('SIGKILL');
    await rill.ended;
    rill = await bench.start(elsewhere);
  }
  await waitFor(rill, restored, ({ state }) => state === 'completed');
  const { outcomes, count: counted } = await jobOf(rill, restored);
  expect(outcomes.imported).toBeGreaterThan(count);
  expect(outcomes.failed).toBeUndefined();
  expect(Object.values(outcomes).reduce((sum, number) => sum + number)).toBe(counted?.items);
  expect(Buffer.compare(archive, await exportOf(rill))).toBe(0);
});
