/**
 * Counts the round trips to PostgreSQL: a send takes five at most, and an end three, or four for the end of a claimed run
 * whose usage is looked up.
 */
import type { ChatDetail, Run } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { saveGeneration } from '../../src/store/runs.ts';
import { jsonOf } from '../callServer.ts';
import { isChunk, readStream } from '../readStream.ts';
import { startTestServer, type TestChat, type TestServer } from '../startTestServer.ts';
import { generationRow, storeRun } from '../testDatabase.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';
import { startWireProxy, type WireProxy } from './wireProxy.ts';

const isSend = ({ sent }: { readonly sent: string }) => sent.includes('insert into "runs"');
const isEnd = ({ sent }: { readonly sent: string }) => /update "runs" set "state".*returning/.test(sent);

describeWithPostgres('the round trips to PostgreSQL', () => {
  let fresh: FreshDatabase;
  let proxy: WireProxy;
  let server: TestServer;
  let chat: TestChat;
  // A statement without a name says each time what it is.
  const start = () => startTestServer({ environment: { DATABASE_URL: proxy.url, RILL_PG_PREPARED: 'off' } });
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    proxy = await startWireProxy(fresh.url);
    server = await start();
    chat = await server.newChat();
  });
  afterEach(async () => {
    await server.close();
    await proxy.close();
    await fresh.giveBack();
  });

  const send = async (body: object, path = chat.path) =>
    readStream(await server.request('POST', `${path}/messages/stream`, body));
  const lastAnswer = async () => {
    const detail = (await (await server.request('GET', chat.path)).json()) as ChatDetail;
    return detail.messages.at(-1)?.id;
  };
  /** Of the transactions of a kind since the last call. */
  const state = { seen: 0 };
  beforeEach(() => {
    state.seen = 0;
  });
  const tripsOf = () => {
    const some = proxy.transactions.slice(state.seen);
    state.seen = proxy.transactions.length;
    return {
      send: some.filter(isSend).map(({ tripCount }) => tripCount),
      end: some.filter(isEnd).map(({ tripCount }) => tripCount),
    };
  };

  it('are four for a send and three for its end, and one less for the first message', async () => {
    await (await send({ content: 'One', clientMessageId: 'one' })).rest();
    await (await send({ content: 'Two' })).rest();
    expect(tripsOf()).toEqual({ send: [3, 4], end: [3, 3] });
  });

  it('are five at most for every other kind of send', async () => {
    await (await send({ content: 'One' })).rest();
    await (await send({ regenerateOf: await lastAnswer() })).rest();
    expect(tripsOf()).toEqual({ send: [3, 5], end: [3, 3] });
    const path = chat.path.replace(/[^/]+$/, '0190a1f2-3333-7000-8000-000000000001');
    await (await send({ content: 'A chat of its own', createChat: true }, path)).rest();
    expect(tripsOf()).toEqual({ send: [4], end: [3] });
  });

  it('are five for a send within budgets', async () => {
    const { id } = chat.project;
    for (const budget of [`/api/budget`, `/api/projects/${id}/budget`])
      expect((await server.request('PUT', budget, { monthlyUsd: 100 })).status).toBe(200);
    await (await send({ content: 'One' })).rest();
    await (await send({ content: 'Two' })).rest();
    expect(tripsOf()).toEqual({ send: [4, 5], end: [3, 3] });
  });

  const sendAndQueue = async () => {
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send({ content: 'Go' });
    await stream.until(isChunk);
    for (const content of ['Next', 'Last']) await server.request('POST', `${chat.path}/queue`, { content });
    tripsOf();
    return stream;
  };

  it('are three for the end of an answer that is stopped, before messages that wait', async () => {
    const stream = await sendAndQueue();
    await server.request('POST', `${chat.path}/cancel`);
    await stream.rest();
    expect(tripsOf()).toEqual({ send: [], end: [3] });
  });

  it('are no more for a message that waited than for any other', async () => {
    const stream = await sendAndQueue();
    await server.request('POST', `${chat.path}/cancel`);
    await stream.rest();
    tripsOf();
    server.simulator.nextScript('demo/quick', [{ delta: 'One' }, { hold: 'one' }]);
    await server.request('POST', `${chat.path}/queue/resume`);
    await server.simulator.waitForHold('one');
    expect(tripsOf()).toEqual({ send: [4], end: [] });
    server.simulator.release('one');
  });

  it('are four for the end of an answer that is claimed and whose calls are looked up', async () => {
    await server.close();
    const database = await openPostgresDatabase(postgresSettings(fresh.url));
    const projectId = chat.project.id;
    const { runId } = await storeRun(
      { database, projectId, close: () => database.close() },
      { restarted_at_ms: 1 },
    );
    const call = generationRow({ run_id: runId, started_at_ms: Date.now() });
    await database.transaction((transaction) => saveGeneration(transaction, call));
    await database.close();
    tripsOf();
    server = await start();
    const endOf = async () => (await jsonOf<Run>(server.request('GET', `/api/runs/${runId}`))).endedAtMs;
    await expect.poll(endOf, { timeout: 20_000 }).not.toBeNull();
    expect(tripsOf()).toEqual({ send: [], end: [4] });
  });
});
