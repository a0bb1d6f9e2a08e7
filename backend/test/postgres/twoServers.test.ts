/** Tests two servers on one PostgreSQL and one data folder: what one of them does, clients of the other one see. */
import { type FeedEvent, formatCursor } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { contentOf, isChunk, readFeed, readStream } from '../readStream.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { makeFolder } from '../testDatabase.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';

describeWithPostgres('two servers on one Postgres', () => {
  let fresh: FreshDatabase;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let here: TestServer;
  let there: TestServer;
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    folder = await makeFolder();
    const start = () =>
      startTestServer({ environment: { DATABASE_URL: fresh.url }, dataDirectory: folder.path });
    here = await start();
    there = await start();
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await folder.remove();
    await fresh.giveBack();
  });

  const send = async (server: TestServer, path: string, content = 'Hello', headers = {}) =>
    readStream(await server.request('POST', `${path}/messages/stream`, { content }, headers));
  const resume = async (server: TestServer, path: string, cursor?: string) =>
    readStream(
      await server.request(
        'GET',
        `${path}/messages/stream${cursor === undefined ? '' : `?cursor=${cursor}`}`,
      ),
    );

  it('give the same answer, live and from each of its cursors', async () => {
    const words = Array.from({ length: 12 }, (_, index) => `word ${index} \u{1F600} `);
    here.simulator.script('demo/quick', [
      ...words.slice(0, 6).flatMap((delta) => [{ delta }, { waitMs: 60 }]),
      { hold: 'rest' },
      ...words.slice(6).flatMap((delta) => [{ delta }, { waitMs: 60 }]),
    ]);
    const { path } = await here.newChat();
    const own = await send(here, path);
    await own.until(isChunk);
    const other = await resume(there, path);
    const otherStart = await other.next();
    expect(otherStart?.event?.type).toBe('run-start');
    const early = await other.until(isChunk);
    const again = await resume(there, path, formatCursor(early.cursor));
    here.simulator.release('rest');
    const tails = [await own.rest(), await other.rest(), await again.rest()];
    const ends = tails.map((frames) => frames.at(-1));
    expect(ends[0]?.event?.type).toBe('done');
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
    const text = words.join('');
    expect(text.endsWith(contentOf(tails[1] ?? []))).toBe(true);
    expect(contentOf(tails[2] ?? [])).toBe(text.slice(early.cursor.contentLength));
    // Each position that was shown by one leads to the same rest at the other.
    for (const { cursor } of (tails[0] ?? []).slice(0, -1).slice(-3)) {
      const late = await (await resume(there, path, formatCursor(cursor))).rest();
      expect(contentOf(late)).toBe(text.slice(cursor.contentLength));
    }
  });

  it('cancel the answer of each other within two seconds', async () => {
    here.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const { path } = await here.newChat();
    const own = await send(here, path);
    await own.until(isChunk);
    const startMs = systemClock.elapsedMs();
    const cancelled = await there.request('POST', `${path}/cancel`);
    expect([cancelled.status, systemClock.elapsedMs() - startMs < 2500]).toEqual([200, true]);
    expect((await own.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'cancelled' } } });
  });

  it('start one answer for one key', async () => {
    const { path } = await here.newChat();
    const headers = { 'Idempotency-Key': newId() };
    const streams = await Promise.all([here, there].map((server) => send(server, path, 'Hello', headers)));
    const ids = streams.map(({ response }) => response.headers.get('rill-run'));
    expect(ids[0]).toBe(ids[1]);
    const [first, second] = await Promise.all(streams.map((stream) => stream.rest()));
    expect(second?.at(-1)).toEqual(first?.at(-1));
  });

  it('tell the readers of both feeds of every change, under the same cursors', async () => {
    const feeds = await Promise.all(
      [here, there].map(async (server) => readFeed(await server.request('GET', '/api/events'))),
    );
    const { path } = await here.newChat();
    await (await send(there, path)).rest();
    const seen: { cursor: string; event: FeedEvent | null }[][] = [[], []];
    for (const [index, feed] of feeds.entries()) {
      for (let ends = 0; ends < 1; ) {
        const frame = await feed.next();
        if (!frame) throw new Error('The feed has ended.');
        if (frame.event?.type === 'feed-start') continue;
        seen[index]?.push(frame);
        if (frame.event?.type === 'run-change' && frame.event.data.run.endedAtMs !== null) ends += 1;
      }
    }
    expect(seen[0]?.length).toBeGreaterThan(3);
    expect(seen[1]).toEqual(seen[0]);
    // A reader that changes its server misses nothing.
    const [{ cursor } = { cursor: '' }, ...rest] = seen[0] ?? [];
    const moved = readFeed(await there.request('GET', `/api/events?cursor=${cursor}`));
    expect(await moved.next()).toMatchObject({ event: { type: 'feed-start', data: { isWhole: true } } });
    for (const event of rest) expect(await moved.next()).toEqual(event);
    for (const feed of [...feeds, moved]) await feed.disconnect();
  });
});
