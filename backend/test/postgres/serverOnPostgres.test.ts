import type { ChatDetail, SearchResult } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentOf, isChunk, readStream } from '../readStream.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';

describeWithPostgres('a server whose database is Postgres', () => {
  let fresh: FreshDatabase;
  let server: TestServer;
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    server = await startTestServer({ environment: { DATABASE_URL: fresh.url } });
  });
  afterEach(async () => {
    await server.close();
    await fresh.giveBack();
  });

  const detailOf = async (path: string) => (await (await server.request('GET', path)).json()) as ChatDetail;

  it('streams an answer, resumes it from the first event, and finds it', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Penguins ' }, { hold: 'rest' }, { delta: 'swim' }]);
    const { path } = await server.newChat();
    const first = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Birds?' }));
    await first.until(isChunk);
    const second = readStream(await server.request('GET', `${path}/messages/stream`));
    await second.until(isChunk);
    server.simulator.release('rest');
    const frames = await first.rest();
    expect((await second.rest()).at(-1)?.event?.type).toBe('done');
    expect(frames.at(-1)?.event?.type).toBe('done');
    const { messages } = await detailOf(path);
    expect(messages.map(({ content }) => content)).toEqual(['Birds?', 'Penguins swim']);
    expect(contentOf(frames)).toBe('swim');
    const found = await server.request('GET', '/api/search?q=penguin');
    expect(((await found.json()) as SearchResult).messages).toMatchObject([{ role: 'assistant' }]);
  });

  it('stops an answer and keeps its text', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const { path } = await server.newChat();
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Go' }));
    await stream.until(isChunk);
    expect((await server.request('POST', `${path}/cancel`)).status).toBe(200);
    await stream.rest();
    expect((await detailOf(path)).messages[1]).toMatchObject({ status: 'cancelled', content: 'Half' });
  });

  it('keeps a temporary chat out of Postgres', async () => {
    const { project } = await server.newChat();
    const chats = `/api/projects/${project.id}/chats`;
    const made = await server.request('POST', chats, { isTemporary: true });
    const { id } = (await made.json()) as { id: string };
    await readStream(
      await server.request('POST', `${chats}/${id}/messages/stream`, { content: 'A secret of mine' }),
    ).rest();
    expect((await detailOf(`${chats}/${id}`)).messages).toHaveLength(2);
    const found = await server.request('GET', '/api/search?q=secret');
    expect(((await found.json()) as SearchResult).messages).toEqual([]);
  });

  it('has the same chats after a restart', async () => {
    const { path } = await server.newChat();
    await readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Hello' })).rest();
    const before = await detailOf(path);
    await server.close();
    server = await startTestServer({ environment: { DATABASE_URL: fresh.url } });
    expect(await detailOf(path)).toEqual(before);
  });
});
