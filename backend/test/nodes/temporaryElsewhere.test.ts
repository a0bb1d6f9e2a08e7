/** Uses a temporary chat of one node through another one, which forwards its requests. */
import { type Chat, type ChatDetail, type FeedEvent, formatCursor, type Project } from '@rill/protocol';
import { beforeAll, expect, it, vi } from 'vitest';
import { attach, detailOf, failureOf, jsonOf, send } from '../callServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf, isChunk, readFeed, readStream } from '../readStream.ts';
import type { ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';

/** Each process has to start. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeWithPostgres('a temporary chat of another node', () => {
  const bench = nodeProcesses({ areShared: true });
  let here: ReadyProcess;
  let there: ReadyProcess;
  beforeAll(async () => {
    [here, there] = await Promise.all([bench.start(), bench.start()]);
  });

  /** Made here, and known there. */
  async function makeTemporary(): Promise<string> {
    const { projects } = await jsonOf<{ projects: Project[] }>(here.request('GET', '/api/projects'));
    const chats = `/api/projects/${projects[0]?.id}/chats`;
    const chat = await jsonOf<Chat>(here.request('POST', chats, { isTemporary: true }));
    const path = `${chats}/${chat.id}`;
    // Where a node listens is told to the others within a second.
    await expect.poll(async () => (await there.request('GET', path)).status, { timeout: 10_000 }).toBe(200);
    return path;
  }
  const textsOf = ({ messages }: ChatDetail) => messages.map(({ content }) => content);

  it('is asked, read, resumed and stopped there as here', async () => {
    const path = await makeTemporary();
    bench.simulator.nextScript(
      model,
      [{ delta: 'One, ' }, { hold: 'read' }, { delta: 'two.' }],
      [{ delta: 'Begun' }, { hold: 'stopped' }],
    );
    const own = await send(there, path, { content: 'Count' });
    const first = await own.until(isChunk);
    await own.disconnect();
    const again = readStream(await attach(there, path, formatCursor(first.cursor)));
    bench.simulator.release('read');
    expect(contentOf([first, ...(await again.rest())])).toBe('One, two.');
    expect(textsOf(await detailOf(there, path))).toEqual(['Count', 'One, two.']);
    expect(textsOf(await detailOf(here, path))).toEqual(['Count', 'One, two.']);
    const stopped = await send(there, path, { content: 'More' });
    await stopped.until(isChunk);
    expect(await jsonOf(there.request('POST', `${path}/cancel`, {}))).toMatchObject({ cancelled: true });
    expect((await stopped.rest()).length).toBeGreaterThan(0);
  });

  it('says there what to read again, and nothing that was written', async () => {
    const path = await makeTemporary();
    const [, , , projectId, , chatId] = path.split('/');
    const feed = readFeed(await there.request('GET', '/api/events'));
    const told = async (type: FeedEvent['type']) => {
      const isOf = (data: FeedEvent['data']) => 'chatId' in data && data.chatId === chatId;
      const { event } = await feed.until(({ event }) => event?.type === type && isOf(event.data));
      return event?.data;
    };
    await feed.next();
    bench.simulator.nextScript(model, [{ delta: 'Aloud' }, { hold: 'rest' }, { delta: '.' }]);
    const own = await send(here, path, { content: 'Read' });
    await own.until(isChunk);
    expect(await told('messages-change')).toEqual({ projectId, chatId });
    expect((await detailOf(there, path)).chat.activeRunId).not.toBeNull();
    expect((await here.request('POST', `${path}/queue`, { content: 'And this' })).status).toBe(201);
    expect(await told('queue-change')).toEqual({ projectId, chatId, revision: 1 });
    bench.simulator.release('rest');
    await own.rest();
    const answerThere = async () => {
      await told('messages-change');
      return textsOf(await detailOf(there, path))[1];
    };
    await expect.poll(answerThere).toBe('Aloud.');
    expect((await here.request('DELETE', path)).status).toBe(204);
    expect(await told('chat-delete')).toEqual({ projectId, chatId });
    await feed.disconnect();
  });

  it('is refused under an id that says nothing of its node', async () => {
    const { projects } = await jsonOf<{ projects: Project[] }>(here.request('GET', '/api/projects'));
    const body = { isTemporary: true, id: '0199a1b2-0000-7000-8000-000000000001' };
    const refusal = await failureOf(here.request('POST', `/api/projects/${projects[0]?.id}/chats`, body));
    expect(refusal).toMatchObject({ status: 400, code: 'bad_request' });
    expect(refusal.message).toContain('id');
  });

  it('takes files there, and gives their bytes', async () => {
    const path = await makeTemporary();
    const chatId = path.split('/').at(-1);
    const uploaded = await there.request(
      'POST',
      `/api/files?name=notes.txt&chatId=${chatId}`,
      'Plain words.',
      {
        'content-type': 'application/octet-stream',
      },
    );
    expect(uploaded.status).toBe(201);
    const { id } = await jsonOf<{ id: string }>(uploaded);
    for (const node of [here, there])
      expect(await (await node.request('GET', `/api/files/${id}/content`)).text()).toBe('Plain words.');
  });

  it('is a chat like any other once it is kept there, also when its node has ended', async () => {
    bench.simulator.nextScript(model, [{ delta: 'Kept.' }]);
    const path = await makeTemporary();
    await (await send(there, path, { content: 'Stay' })).rest();
    expect((await there.request('POST', `${path}/keep`)).status).toBe(200);
    expect(textsOf(await detailOf(there, path))).toEqual(['Stay', 'Kept.']);
    const temporary = await makeTemporary();
    here.child.kill('SIGKILL');
    await here.ended;
    expect(textsOf(await detailOf(there, path))).toEqual(['Stay', 'Kept.']);
    expect(await failureOf(there.request('GET', temporary))).toMatchObject({
      status: 503,
      code: 'kept_elsewhere',
      details: { retryAfterMs: 1000 },
    });
    const statusThere = async () => (await there.request('GET', temporary)).status;
    await expect.poll(statusThere, { timeout: 40_000, interval: 500 }).toBe(404);
  });
});
