/** Tests imports of conversations over the death of the process, with real processes. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ImportJob } from '@rill/protocol';
import { expect, it } from 'vitest';
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

const jobOf = (rill: ReadyProcess, id: string) => jsonOf<ImportJob>(rill.request('GET', `/api/import/${id}`));

async function begin(rill: ReadyProcess, body: Buffer): Promise<string> {
  const response = await fetch(`${rill.url}/api/import?name=export.zip&start=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: new Uint8Array(body),
  });
  return (await jsonOf<ImportJob>(response)).id;
}

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
  const id = await begin(rill, body);
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
  const again = await begin(rill, body);
  await waitFor(rill, again, ({ state }) => state === 'completed');
  expect((await jobOf(rill, again)).outcomes).toEqual({ unchanged: count });
  expect(storedIn(bench.folder)).toEqual(stored);
});

it('an import that is stopped stores nothing more until it is started again', async () => {
  const rill = await bench.start();
  const id = await begin(rill, await exportZip());
  await waitFor(rill, id, ({ doneItems }) => doneItems >= 20);
  const stopped = await jsonOf<ImportJob>(rill.request('POST', `/api/import/${id}/stop`));
  expect(stopped.state).toBe('stopped');
  expect(stopped.doneItems).toBeLessThan(count);
  await rill.request('POST', `/api/import/${id}/start`, {});
  await waitFor(rill, id, ({ state }) => state === 'completed');
  expect((await jobOf(rill, id)).outcomes).toEqual({ imported: count });
});
