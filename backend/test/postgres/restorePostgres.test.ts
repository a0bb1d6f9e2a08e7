/** Runs the commands of docs/operations.md: a copy of a Postgres that is in use, and its restore into an empty one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ChatDetail, FileReference } from '@rill/protocol';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isChunk, readStream } from '../readStream.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { postgresProgram } from './postgresServer.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/operations.md', import.meta.url)), 'utf8');

/** The words of the command of the page that begins with this program, with the values in place of its own. */
function wordsOf(program: string, values: Readonly<Record<string, string>>): string[] {
  const line = page.split('\n').find((each) => each.startsWith(`${program} `));
  if (line === undefined) throw new Error(`docs/operations.md has no ${program}.`);
  const filled = Object.entries(values).reduce((text, [name, value]) => text.replaceAll(name, value), line);
  return filled.split(' ').slice(1);
}

describeWithPostgres('a copy of a Postgres database', () => {
  let folder: string;
  let server: TestServer;
  let databases: FreshDatabase[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rill-restore-'));
    databases = [await makeFreshDatabase(), await makeFreshDatabase()];
    server = await startOn(0, 'shared');
  });
  afterEach(async () => {
    await server.close();
    for (const database of databases) await database.giveBack(true);
    await rm(folder, { recursive: true, force: true });
  });

  const urlOf = (index: number): string => databases[index]?.url ?? '';
  const startOn = (index: number, name: string) =>
    startTestServer({ dataDirectory: join(folder, name), environment: { DATABASE_URL: urlOf(index) } });

  it('that was made in mid-answer has all chats and files, and the answer as far as it was stored', async () => {
    server.simulator.script('demo/quick', [{ delta: 'The beginning' }, { hold: 'rest' }]);
    const upload = await server.request('POST', '/api/files?name=note.txt', 'keep me', {
      'content-type': 'application/octet-stream',
    });
    const file = (await upload.json()) as FileReference;
    const { path } = await server.newChat();
    const body = { content: 'Hello', fileIds: [file.id] };
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, body));
    await stream.until(isChunk);
    const dump = join(folder, 'rill.dump');
    const run = promisify(execFile);
    await run(
      postgresProgram('pg_dump'),
      wordsOf('pg_dump', { 'rill.dump': dump, '"$DATABASE_URL"': urlOf(0) }),
    );
    await cp(join(folder, 'shared', 'files'), join(folder, 'restored', 'files'), { recursive: true });
    server.simulator.release('rest');
    await stream.rest();
    await server.close();

    await emptyDatabase(urlOf(1));
    await run(
      postgresProgram('pg_restore'),
      wordsOf('pg_restore', { 'rill.dump': dump, '"$DATABASE_URL"': urlOf(1) }),
    );
    server = await startOn(1, 'restored');
    const detail = async () => (await (await server.request('GET', path)).json()) as ChatDetail;
    await expect
      .poll(async () => (await detail()).messages[1]?.status, { timeout: 20_000 })
      .toBe('interrupted');
    expect((await detail()).messages).toMatchObject([
      { content: 'Hello', files: [{ name: 'note.txt' }] },
      { content: 'The beginning' },
    ]);
    expect(await (await server.request('GET', `/api/files/${file.id}/content`)).text()).toBe('keep me');
  });
});

async function emptyDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await client.end();
}
