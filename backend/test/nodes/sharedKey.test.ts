/** Tests two servers that share a folder: a key that a user enters at one of them is used by the other one. */
import type { ProviderKey } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonOf } from '../callServer.ts';
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
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    folder = await makeFolder();
    const options = {
      dataDirectory: folder.path,
      simulator: { apiKey: goodKey },
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

  const keyOf = (server: TestServer) => jsonOf<ProviderKey>(server.request('GET', '/api/provider-key'));
  const ask = async (server: TestServer) => {
    const { path } = await server.newChat();
    return (await server.request('POST', `${path}/messages`, { content: 'Hello' })).status;
  };

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
