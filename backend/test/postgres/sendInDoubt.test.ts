/** Tests a send whose commit got no answer, in an outage that is longer than the server waits to find out. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { detailOf, failureOf, leftOpen, nothing } from '../callServer.ts';
import { contentOf, readStream } from '../readStream.ts';
import { startTestServer, type TestChat, type TestServer } from '../startTestServer.ts';
import { type CommitCutter, startCommitCutter } from './cutCommits.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';

/** Longer than the five seconds in which the server looks for what it had sent. */
vi.setConfig({ testTimeout: 60_000 });

const question = 'Is this stored?';
const answer = 'It is.';

describeWithPostgres('a send whose commit stays in doubt for as long as its request is answered', () => {
  let fresh: FreshDatabase;
  let cutter: CommitCutter;
  let server: TestServer;
  let chat: TestChat;
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    const address = new URL(fresh.url);
    cutter = await startCommitCutter(Number(address.port));
    address.port = String(cutter.port);
    server = await startTestServer({ environment: { DATABASE_URL: address.href } });
    server.simulator.script('demo/quick', [{ delta: answer }]);
    chat = await server.newChat();
  });
  afterEach(async () => {
    await server.close();
    await cutter.close();
    await fresh.giveBack();
  });

  const send = (key = 'one') =>
    server.request('POST', `${chat.path}/messages/stream`, { content: question }, { 'Idempotency-Key': key });
  const unavailable = { status: 503, code: 'database_unavailable' };
  /** Answered with an error while its commit is in doubt. */
  const sendInto = async (where: 'before' | 'after') => {
    cutter.goAwayWith(question, where);
    expect(await failureOf(send())).toMatchObject(unavailable);
    expect([cutter.cuts, server.app.activeRequests.size]).toEqual([1, 1]);
  };
  const callCount = () => server.simulator.requests.filter(({ model }) => model === 'demo/quick').length;
  const whenAsked = () => server.simulator.waitForRequest(({ model }) => model === 'demo/quick');
  const expectOneAnswer = async () => {
    await expect
      .poll(async () => (await detailOf(server, chat.path)).messages.at(-1)?.status, { timeout: 20_000 })
      .toBe('completed');
    const { messages } = await detailOf(server, chat.path);
    expect(messages.map(({ content }) => content)).toEqual([question, answer]);
    await expect.poll(() => leftOpen(server), { timeout: 20_000 }).toEqual(nothing);
    expect(callCount()).toBe(1);
  };

  it('is answered once it turns out to be stored, and its repetition gets that answer', async () => {
    await sendInto('after');
    expect(callCount()).toBe(0);
    cutter.comeBack();
    expect(contentOf(await readStream(await send()).rest())).toBe(answer);
    await expectOneAnswer();
  });

  it('is answered even if its sender does not come back', async () => {
    await sendInto('after');
    cutter.comeBack();
    await whenAsked();
    await expectOneAnswer();
  });

  it('is forgotten once it turns out not to be stored, and its repetition is a first send', async () => {
    await sendInto('before');
    cutter.comeBack();
    expect(contentOf(await readStream(await send()).rest())).toBe(answer);
    await expectOneAnswer();
  });

  it('is left to other processes when this one ends before it can find out', async () => {
    await sendInto('after');
    await server.app.close();
    expect(await leftOpen(server)).toEqual(nothing);
    cutter.comeBack();
  });
});
