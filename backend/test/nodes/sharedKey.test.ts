/** Tests two servers that share a folder: a key that a user enters at one of them is used by the other one. */
import type { ProviderKey } from '@rill/protocol';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PostgresConnections } from '../../src/database/postgres/keyConnections.ts';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { jsonOf } from '../callServer.ts';
import { postgresSettings } from '../postgres/postgresSettingsOf.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../postgres/postgresTestDatabase.ts';
import { readFeed } from '../readStream.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { makeFolder } from '../testDatabase.ts';

const goodKey = 'sk-or-v1-0123456789abcdef-good';

describeWithPostgres('a key that a user enters at one of two nodes', () => {
  let fresh: FreshDatabase;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let here: TestServer;
  let there: TestServer;
  const logLines: string[] = [];
  beforeEach(async () => {
    logLines.length = 0;
    fresh = await makeFreshDatabase();
    folder = await makeFolder();
    const options = {
      dataDirectory: folder.path,
      simulator: { apiKey: goodKey },
      onLogLine: (line: string) => void logLines.push(line),
      environment: {
        DATABASE_URL: fresh.url,
        OPENROUTER_API_KEY: '',
        OPENROUTER_KEY_PAGE_URL: 'http://127.0.0.1:1/auth',
      },
    };
    here = await startTestServer(options);
    there = await startTestServer({ ...options, providerUrl: here.simulator.url });
  });
  afterEach(async () => {
    await there.close();
    await here.close();
    await folder.remove();
    await fresh.giveBack();
  });

  const rows = async (): Promise<{ verifier: string }[]> => {
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    const found = await client.query('SELECT * FROM key_connections');
    await client.end();
    return found.rows;
  };
  const keyOf = (server: TestServer) => jsonOf<ProviderKey>(server.request('GET', '/api/provider-key'));
  const ask = async (server: TestServer) => {
    const { path } = await server.newChat();
    return (await server.request('POST', `${path}/messages`, { content: 'Hello' })).status;
  };

  it("comes back from the provider's page to the other one, once, and no log has the verifier", async () => {
    const begun = await here.request('POST', '/api/provider-key/connection', { pageUrl: `${here.url}/` });
    const { url } = (await begun.json()) as { url: string };
    const page = await fetch(`${new URL(here.simulator.url).origin}/auth${new URL(url).search}`, {
      redirect: 'manual',
    });
    const back = new URL(page.headers.get('location') ?? '').searchParams;
    const given = { state: back.get('state'), code: back.get('code') };
    const [stored] = await rows();
    expect(JSON.stringify(stored)).not.toContain(given.state);
    const finish = (server: TestServer) =>
      server.request('POST', '/api/provider-key/connection/finish', given);
    const all = await Promise.all([finish(there), finish(here), finish(there)]);
    expect(all.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    await expect.poll(async () => (await keyOf(here)).source).toBe('stored');
    await expect.poll(async () => (await keyOf(there)).source).toBe('stored');
    expect([await ask(there), await rows()]).toEqual([200, []]);
    expect(logLines.filter((line) => line.includes(stored?.verifier ?? ''))).toEqual([]);
  });

  it('is forgotten after its time, of very many but the last, and given to its session alone', async () => {
    const database = await openPostgresDatabase(postgresSettings(fresh.url));
    const connections = new PostgresConnections(database, { lifeMs: 60_000, maxCount: 3 });
    const put = (stateHash: string, sessionId: string | null = null) =>
      connections.put({ stateHash, verifier: `of ${stateHash}`, sessionId });
    await put('old');
    await put('session', 's');
    expect([await connections.take('session', null), await connections.take('session', 'other')]).toEqual([
      null,
      null,
    ]);
    expect(await connections.take('session', 's')).toBe('of session');
    for (const state of ['a', 'b', 'c']) await put(state);
    expect([await connections.take('old', null), await connections.take('a', null)]).toEqual([null, 'of a']);
    const late = new PostgresConnections(database, { lifeMs: 0, maxCount: 3 });
    await late.put({ stateHash: 'late', verifier: 'late', sessionId: null });
    expect(await connections.take('late', null)).toBeNull();
    await database.close();
  });

  it('is used by the other one within moments, whose readers are told, and no longer once it is deleted', async () => {
    const feed = readFeed(await there.request('GET', '/api/events'));
    await feed.until(({ event }) => event?.type === 'feed-start');
    expect(await ask(there)).not.toBe(200);
    expect((await here.request('PUT', '/api/provider-key', { apiKey: goodKey })).status).toBe(200);
    await feed.until(({ event }) => event?.type === 'models-change');
    expect(await keyOf(there)).toEqual(await keyOf(here));
    expect(await ask(there)).toBe(200);
    expect((await there.request('DELETE', '/api/provider-key')).status).toBe(200);
    await expect.poll(async () => (await keyOf(here)).source).toBe('none');
    expect(await ask(here)).not.toBe(200);
    await feed.disconnect();
  });
});
