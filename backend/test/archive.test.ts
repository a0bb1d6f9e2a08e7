/**
 * Tests the archive: whatever was done in a Rill, its archive restored into an empty one gives the same archive again,
 * byte for byte; hostile archives are refused whole.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buffer } from 'node:stream/consumers';
import type { FileReference, ImportItem, ImportJob } from '@rill/protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { openSource } from '../src/imports/job/openSource.ts';
import { exportOf, importInto } from './archiveBench.ts';
import { ArchiveWalk } from './archiveWalk.ts';
import { countRows, detailOf, jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

const started: TestServer[] = [];
async function start(): Promise<TestServer> {
  const server = await startTestServer();
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

const reportOf = async (server: TestServer, { id }: ImportJob) =>
  (await jsonOf<{ items: ImportItem[] }>(server.request('GET', `/api/import/${id}/report`))).items;

/** The texts of an archive by their names. */
async function textsOf(archive: Buffer): Promise<Record<string, string>> {
  const folder = await makeFolder();
  const path = `${folder.path}/archive.zip`;
  await writeFile(path, archive);
  const source = await openSource({ path, name: '', maxBytes: 1e9 });
  const texts: Record<string, string> = {};
  for (const entry of source.entries) texts[entry.name] = (await buffer(await entry.open())).toString();
  await source.close();
  await folder.remove();
  return texts;
}

function zipOf(texts: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(texts)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return buffer(zip.outputStream);
}

const walked = async (numbers: readonly number[], steps = 30): Promise<TestServer> => {
  const server = await start();
  await new ArchiveWalk(server, numbers).run(steps);
  await server.app.titles.whenIdle();
  return server;
};

describe('an archive', () => {
  it('of whatever was done, restored into an empty Rill, is equal to the archive of that, byte for byte', async () => {
    const numbers = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 60,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(numbers, async (given) => {
        const first = await walked(given);
        const archive = await exportOf(first);
        expect(Buffer.compare(archive, await exportOf(first))).toBe(0);
        const second = await start();
        const job = await importInto(second, archive);
        expect(job).toMatchObject({ state: 'completed', product: 'rill', doneItems: job.count?.items });
        expect(Object.keys(job.outcomes).sort()).toEqual(['imported', 'unchanged']);
        const restored = await exportOf(second);
        if (Buffer.compare(archive, restored) !== 0)
          expect(await textsOf(restored)).toEqual(await textsOf(archive));
        expect(Buffer.compare(archive, restored)).toBe(0);
        expect((await importInto(second, archive)).outcomes).toEqual({ unchanged: job.count?.items });
        expect(Buffer.compare(archive, await exportOf(second))).toBe(0);
        for (const server of started.splice(0)) await server.close();
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('has every file once, with its uses, and returns its bytes under its id', async () => {
    const first = await start();
    const { path, project } = await first.newChat();
    await first.request('POST', `${path}/messages`, { content: 'One' });
    const [question] = (await detailOf(first, path)).messages;
    const bytes = 'id,name\n1,Ada\n';
    const upload = async (name: string) => {
      const url = `${first.url}/api/files?name=${name}`;
      return jsonOf<FileReference>(fetch(url, { method: 'POST', body: new Blob([bytes]) }));
    };
    const [used, unused] = [await upload('names.csv'), await upload('again.csv')];
    const database = new DatabaseSync(join(first.dataDirectory, 'rill.sqlite'));
    const use = database.prepare('INSERT INTO file_uses (file_id, message_id, project_id) VALUES (?, ?, ?)');
    use.run(used.id, question?.id ?? '', null);
    use.run(used.id, null, project.id);
    database.prepare('INSERT INTO file_annotations VALUES (?, ?)').run(used.id, '{"hash":"a"}');
    database.close();
    const archive = await exportOf(first);
    const second = await start();
    const job = await importInto(second, archive);
    expect(job).toMatchObject({ state: 'completed', count: { files: 2 } });
    expect(Buffer.compare(archive, await exportOf(second))).toBe(0);
    expect(countRows(second, 'file_uses')).toBe(2);
    expect(countRows(second, 'file_annotations')).toBe(1);
    for (const { id } of [used, unused])
      expect(await (await second.request('GET', `/api/files/${id}/content`)).text()).toBe(bytes);
  });

  it('is searched and continued where it was restored', async () => {
    const first = await start();
    const { path } = await first.newChat();
    await first.request('POST', `${path}/messages`, { content: 'Where do kingfishers nest?' });
    await first.app.titles.whenIdle();
    const second = await start();
    await importInto(second, await exportOf(first));
    const found = await jsonOf<{ messages: object[] }>(second.request('GET', '/api/search?q=kingfishers'));
    expect(found.messages).toHaveLength(1);
    expect((await second.request('POST', `${path}/messages`, { content: 'And in winter?' })).status).toBe(
      200,
    );
    expect((await detailOf(second, path)).messages).toHaveLength(4);
  });

  it('adds new data, keeps what was changed since, and reports it', async () => {
    const server = await start();
    const { path } = await server.newChat();
    await server.request('POST', `${path}/messages`, { content: 'One' });
    const archive = await exportOf(server);
    await server.request('PATCH', path, { title: 'My own title' });
    const job = await importInto(server, archive);
    const items = await reportOf(server, job);
    expect(new Set(items.map(({ outcome }) => outcome))).toEqual(new Set(['unchanged']));
    expect(items[1]?.notes).toEqual([expect.stringMatching(/^Kept as it is here: 1 /)]);
    expect((await detailOf(server, path)).chat.title).toBe('My own title');
  });

  it('leaves an answer out that is being written, and restores the rest of its chat', async () => {
    const server = await start();
    const { path } = await server.newChat();
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'open' }]);
    const answer = await server.request('POST', `${path}/messages/stream`, { content: 'Write' });
    const archive = await exportOf(server);
    expect(JSON.parse((await textsOf(archive))['summary.json'] ?? '')).toMatchObject({
      messages: 1,
      runningAnswers: 1,
    });
    const second = await start();
    expect(await importInto(second, archive)).toMatchObject({ state: 'completed' });
    expect((await detailOf(second, path)).messages).toMatchObject([{ role: 'user', content: 'Write' }]);
    server.simulator.release('open');
    await answer.text();
  });
});

describe('a chat as a file', () => {
  it('is Markdown of the shown branch, or JSON with all rows of the archive', async () => {
    const server = await start();
    const { path } = await server.newChat();
    await server.request('POST', `${path}/messages`, { content: 'Where?' });
    await server.request('PATCH', path, { title: 'Über "Orte"/..' });
    const markdown = await server.request('GET', `${path}/export?format=markdown`);
    expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(markdown.headers.get('content-disposition')).toBe(
      `attachment; filename="_ber-Orte.md"; filename*=UTF-8''%C3%9Cber-Orte.md`,
    );
    expect(await markdown.text()).toMatch(
      /^---\ntitle: "Über \\"Orte\\"\/\.\."\n.*\n## You · .*\nWhere\?\n/s,
    );
    const { rows } = await jsonOf<{ rows: { table: string }[] }>(
      server.request('GET', `${path}/export?format=json`),
    );
    expect(rows.map(({ table }) => table)).toEqual(['chats', 'messages', 'messages', 'runs', 'generations']);
    expect((await server.request('GET', `${path}/export?format=pdf`)).status).toBe(400);
    expect((await server.request('GET', `${path.slice(0, -1)}x/export?format=json`)).status).toBe(404);
  });
});

describe('a hostile archive', () => {
  const chatOf = (texts: Readonly<Record<string, string>>) =>
    Object.keys(texts).find((name) => name.startsWith('chats/')) ?? '';

  const inChat: readonly (readonly [string, string | RegExp, string])[] = [
    ['has a field that is no column', '"title":', '"owner_id":"x","title":'],
    ['has a prototype key', '"title":', '"__proto__":{"a":1},"title":'],
    ['names another owner', '"title":', '"ownerId":"other","title":'],
    ['has a role that does not exist', '"role":"user"', '"role":"system"'],
    ['has an answer that is being written', '"status":"completed"', '"status":"streaming"'],
    ['has a message without its parent', /"parentId":"01a/, '"parentId":"01b'],
    ['has a message that is its own parent', /"id":"([^"]+)",(.*"parentId":)"[^"]+"/, '"id":"$1",$2"$1"'],
    ['has a line that is not JSON', /$/, '{"table":\n'],
    ['ends in the middle of a line', /$/, '{"table":"messages"'],
    ['has a table that no archive has', '"table":"messages"', '"table":"sessions"'],
    ['has a number where a text belongs', /"content":"[^"]*"/, '"content":5'],
    ['has a usage of another form', /"usage":\{[^}]*\}/, '"usage":{"costUsd":"free"}'],
    ['has a chat under the name of another', /"id":"01a/, '"id":"01b'],
    ['has a message of another chat', /("table":"messages","chatId":")01a/, '$101b'],
  ];
  it.each(inChat)(
    'that %s is refused by a sentence, and nothing of it is stored',
    async (_what, from, to) => {
      await expectRefused((texts) => {
        const name = chatOf(texts);
        return { ...texts, [name]: String(texts[name]).replace(from, to) };
      });
    },
  );

  const names: readonly (readonly [string, string, string | null])[] = [
    ['is of a newer version', 'rill.json', '{"format":"rill-archive","version":2}\n'],
    ['lacks its projects', 'projects.ndjson', null],
    ['has a file that does not belong to it', 'run.sh', 'rm -rf /'],
  ];
  it.each(names)(
    'that %s is refused by a sentence, and nothing of it is stored',
    async (_what, name, text) => {
      await expectRefused((texts) => {
        const { [name]: _, ...rest } = texts;
        return { ...rest, ...(text !== null && { [name]: text }) };
      });
    },
  );

  async function expectRefused(spoil: (texts: Record<string, string>) => Record<string, string>) {
    const first = await start();
    const { path } = await first.newChat();
    await first.request('POST', `${path}/messages`, { content: 'One' });
    const texts = await textsOf(await exportOf(first));
    const spoilt = spoil(texts);
    expect(spoilt).not.toEqual(texts);
    const second = await start();
    const before = await exportOf(second);
    const job = await importInto(second, await zipOf(spoilt));
    expect(job).toMatchObject({
      state: 'failed',
      doneItems: 0,
      problem: expect.stringMatching(/^The archive .*\.$/),
    });
    expect(Buffer.compare(before, await exportOf(second))).toBe(0);
    expect(countRows(second, 'messages')).toBe(0);
  }
});
