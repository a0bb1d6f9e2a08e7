/** Tests the queue of a chat: the server sends what waits, in order, once, and never behind an answer that ended badly. */
import type { ChatQueue, Message, Project } from '@rill/protocol';
import type { Script } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf, send } from './callServer.ts';
import { type FeedReader, isChunk, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer();
  ({ path } = await server.newChat());
});
afterEach(() => server.close());

const model = 'demo/quick';
const held = (text: string, name: string): Script => [{ delta: text }, { hold: name }];
const add = (content: string, key = content): Promise<Response> =>
  server.request('POST', `${path}/queue`, { content }, { 'idempotency-key': key });
const queueOf = (of = path): Promise<ChatQueue> => jsonOf<ChatQueue>(server.request('GET', `${of}/queue`));
const contents = ({ messages }: ChatQueue): string[] => messages.map(({ content }) => content);
const follow = async (): Promise<FeedReader> => readFeed(await server.request('GET', '/api/events'));

/** Resolves once the feed has told of a queue that fits. */
async function untilQueue(feed: FeedReader, fits: (queue: ChatQueue) => boolean): Promise<ChatQueue> {
  for (;;) {
    await feed.until(({ event }) => event?.type === 'queue-change');
    const queue = await queueOf();
    if (fits(queue)) return queue;
  }
}

/** Texts of the branch, with the status of each answer that is not complete. */
async function branch(): Promise<string[]> {
  const name = ({ content, status }: Message) =>
    status === 'completed' ? content : `${content} (${status})`;
  return (await detailOf(server, path)).messages.map(name);
}

/** Starts an answer that stays at its hold. */
async function startAnswer(...scripts: Script[]) {
  server.simulator.nextScript(model, ...scripts);
  const stream = await send(server, path, { content: 'First' });
  await stream.until(isChunk);
  return stream;
}

describe('a message in the queue', () => {
  it('is sent when the answer before it is complete, the next one after that, with no client there', async () => {
    const stream = await startAnswer(held('One', 'one'), held('Two', 'two'), held('Three', 'three'));
    expect((await add('Second')).status).toBe(201);
    expect(contents(await jsonOf<ChatQueue>(add('Third')))).toEqual(['Second', 'Third']);
    await stream.disconnect();
    server.simulator.release('one');
    await server.simulator.waitForHold('two');
    expect(contents(await queueOf())).toEqual(['Third']);
    expect(await branch()).toEqual(['First', 'One', 'Second', ' (streaming)']);
    server.simulator.release('two');
    await server.simulator.waitForHold('three');
    expect(contents(await queueOf())).toEqual([]);
    server.simulator.release('three');
  });

  it('is added once and sent once, however often it is added', async () => {
    await startAnswer(held('One', 'one'), held('Two', 'two'));
    await Promise.all([add('Second', 'k'), add('Second', 'k'), add('Second', 'k')]);
    expect(contents(await queueOf())).toEqual(['Second']);
    server.simulator.release('one');
    await server.simulator.waitForHold('two');
    expect(contents(await jsonOf<ChatQueue>(add('Second', 'k')))).toEqual([]);
    server.simulator.release('two');
  });

  it('is sent at once when no answer is running any more', async () => {
    server.simulator.nextScript(model, [{ delta: 'One' }], held('Two', 'two'));
    await (await send(server, path, { content: 'First' })).rest();
    await add('Second');
    await server.simulator.waitForHold('two');
    server.simulator.release('two');
  });

  it('can be one whose send was refused because of a running answer, under the same key', async () => {
    await startAnswer(held('One', 'one'), held('Two', 'two'));
    const key = { 'idempotency-key': 'k' };
    const refused = server.request('POST', `${path}/messages/stream`, { content: 'Second' }, key);
    expect(await failureOf(refused)).toMatchObject({ status: 409, code: 'run_active' });
    expect(contents(await jsonOf<ChatQueue>(add('Second', 'k')))).toEqual(['Second']);
    server.simulator.release('one');
    await server.simulator.waitForHold('two');
    // The send that was refused is the one that was made since.
    const stream = await send(server, path, { content: 'Second' }, key);
    server.simulator.release('two');
    await stream.rest();
    expect(await branch()).toEqual(['First', 'One', 'Second', 'Two']);
  });

  it('asks for the model that it was added with', async () => {
    await startAnswer(held('One', 'one'));
    await server.request('POST', `${path}/queue`, { content: 'Second', model: 'demo/echo' });
    server.simulator.release('one');
    await server.simulator.waitForRequest((request) => request.model === 'demo/echo');
  });

  it.each([
    ['fails', 'failed'],
    ['is cancelled', 'cancelled'],
  ] as const)('stays, with those behind it, when the answer %s, until it is resumed', async (_, by) => {
    const failing: Script = [{ delta: 'One' }, { hold: 'one' }, { error: { code: 500, message: 'Broken.' } }];
    await startAnswer(failing, held('Two', 'two'));
    const feed = await follow();
    await add('Second');
    await add('Third');
    if (by === 'cancelled') await server.request('POST', `${path}/cancel`);
    server.simulator.release('one');
    const paused = await untilQueue(feed, ({ pausedBy }) => pausedBy !== null);
    expect([contents(paused), paused.pausedBy]).toEqual([['Second', 'Third'], by]);
    expect((await detailOf(server, path)).activeRun).toBeNull();
    await server.request('POST', `${path}/queue/resume`);
    await server.simulator.waitForHold('two');
    expect(await queueOf()).toMatchObject({ pausedBy: null, messages: [{ content: 'Third' }] });
    await server.request('POST', `${path}/cancel`);
    await feed.disconnect();
  });

  it('waits for the user when it is added behind an answer that ended badly', async () => {
    server.simulator.nextScript(model, [{ delta: 'One' }, { error: { code: 500, message: 'Broken.' } }]);
    await (await send(server, path, { content: 'First' })).rest();
    expect(await jsonOf(add('Second'))).toMatchObject({ pausedBy: 'failed' });
    expect((await detailOf(server, path)).activeRun).toBeNull();
  });

  it('waits for the user when the server refuses it, and says why', async () => {
    await startAnswer(held('One', 'one'));
    const feed = await follow();
    await server.request('POST', `${path}/queue`, { content: 'long '.repeat(200_000), model: 'demo/quick' });
    server.simulator.release('one');
    const { pausedBy, problem } = await untilQueue(feed, (queue) => queue.pausedBy !== null);
    expect([pausedBy, problem]).toEqual(['refused', 'The message is longer than the model can read.']);
    await feed.disconnect();
  });

  it('can be edited, moved and removed', async () => {
    await startAnswer(held('One', 'one'));
    await add('A');
    await add('B');
    const { messages } = await jsonOf<ChatQueue>(add('C'));
    const [a, b, c] = messages.map(({ id }) => `${path}/queue/${id}`);
    await server.request('PATCH', c ?? '', { position: 0, content: 'C!' });
    await server.request('DELETE', b ?? '');
    expect(contents(await queueOf())).toEqual(['C!', 'A']);
    expect(await failureOf(server.request('PATCH', b ?? '', { content: 'x' }))).toMatchObject({
      status: 404,
    });
    expect(await failureOf(server.request('PATCH', a ?? '', { content: '  ' }))).toMatchObject({
      status: 400,
    });
    await server.request('DELETE', a ?? '');
    await server.request('DELETE', c ?? '');
    server.simulator.release('one');
  });

  it('sent now stops the running answer, keeps its text, and goes before the others', async () => {
    await startAnswer(held('Half', 'one'), held('Two', 'two'), held('Three', 'three'));
    await add('Second');
    const { messages } = await jsonOf<ChatQueue>(add('Third'));
    await server.request('POST', `${path}/queue/${messages[1]?.id}/send`);
    await server.simulator.waitForHold('two');
    expect(await branch()).toEqual(['First', 'Half (cancelled)', 'Third', ' (streaming)']);
    expect(await queueOf()).toMatchObject({ pausedBy: null, messages: [{ content: 'Second' }] });
    server.simulator.release('two');
    await server.simulator.waitForHold('three');
    server.simulator.release('three');
  });

  it('belongs to its chat: another chat has none of it', async () => {
    await startAnswer(held('One', 'one'));
    await add('Second');
    const other = await server.newChat();
    expect(contents(await queueOf(other.path))).toEqual([]);
    const { messages } = await queueOf();
    expect(await failureOf(server.request('DELETE', `${other.path}/queue/${messages[0]?.id}`))).toMatchObject(
      { status: 404 },
    );
    await server.request('POST', `${path}/cancel`);
  });

  it('is not sent while its chat is in the bin, and is sent when the chat is taken out', async () => {
    const stream = await startAnswer(held('One', 'one'), held('Two', 'two'));
    await add('Second');
    await server.request('DELETE', path);
    server.simulator.release('one');
    await stream.rest();
    const other = await server.newChat();
    await (await send(server, other.path, { content: 'Elsewhere', model: 'demo/echo' })).rest();
    const asked = server.simulator.requests.filter(({ model: id }) => id === model);
    expect(asked).toHaveLength(1);
    await server.request('POST', `${path}/restore`);
    await server.simulator.waitForHold('two');
    expect(await branch()).toEqual(['First', 'One', 'Second', ' (streaming)']);
    server.simulator.release('two');
  });

  it('is sent in the project to which its chat was moved meanwhile', async () => {
    await startAnswer(held('One', 'one'), held('Two', 'two'));
    await add('Second');
    const chatId = path.split('/').at(-1) ?? '';
    const { id: projectId } = await jsonOf<Project>(
      server.request('POST', '/api/projects', { name: 'Other' }),
    );
    await server.request('POST', '/api/chats/update', { chatIds: [chatId], projectId });
    server.simulator.release('one');
    await server.simulator.waitForHold('two');
    path = `/api/projects/${projectId}/chats/${chatId}`;
    expect(await branch()).toEqual(['First', 'One', 'Second', ' (streaming)']);
    server.simulator.release('two');
  });

  it('goes with its chat', async () => {
    await startAnswer(held('One', 'one'));
    await add('Second');
    expect((await server.request('DELETE', path)).status).toBe(204);
    expect((await server.request('GET', `${path}/queue`)).status).toBe(404);
  });
});
