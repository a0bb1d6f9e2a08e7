/** Tests edits of answers, forks, and deletion of messages over HTTP, with what models and other tabs get of them. */
import type { Chat, Message, MessagesChanged } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { isChunk, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_DEFAULT_MODEL: 'demo/echo' } });
  ({ path } = await server.newChat());
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const ask = async (body: object) => {
  await (await send(server, path, body)).rest();
  return detailOf(server, path);
};
const contents = async () => (await detailOf(server, path)).messages.map(({ content }) => content);
const messageAt = async (index: number): Promise<Message> => {
  const message = (await detailOf(server, path)).messages.at(index);
  if (!message) throw new Error('The branch is shorter.');
  return message;
};
const edit = (id: string, body: object) => server.request('POST', `${path}/messages/${id}/versions`, body);
const remove = (id: string) => server.request('DELETE', `${path}/messages/${id}`);
const restore = (id: string) => server.request('POST', `${path}/messages/${id}/restore`);
const fork = (body: object) => server.request('POST', `${path}/fork`, body);
const sentContents = () => {
  const request = server.simulator.requests.findLast(({ model }) => model);
  return (request?.body as { messages?: Message[] } | undefined)?.messages?.map(({ content }) => content);
};

/** Starts an answer that does not end by itself. */
async function holdAnswer() {
  server.simulator.nextScript('demo/echo', [{ delta: 'Half' }, { hold: 'never' }]);
  const stream = await send(server, path, { content: 'Go on' });
  await stream.until(isChunk);
  return stream;
}

describe('an answer that the user edits', () => {
  it('becomes another version with the receipt of the original, and is what models get', async () => {
    await ask({ content: 'one' });
    const original = await messageAt(1);
    const edited = await jsonOf<Message>(edit(original.id, { content: 'uno' }));
    expect(edited).toMatchObject({ isEdited: true, copyOf: original.id, parentId: original.parentId });
    expect([edited.usage, edited.model, edited.timings]).toEqual([
      original.usage,
      original.model,
      original.timings,
    ]);
    const detail = await detailOf(server, path);
    expect(detail.siblings).toEqual({ [edited.id]: [original.id, edited.id] });
    expect(detail.otherUsages).toEqual({ [original.id]: original.usage });
    await ask({ content: 'two' });
    expect(sentContents()).toEqual(['one', 'uno', 'two']);
  });

  it('stands for all parts of an answer that was continued', async () => {
    server.simulator.nextScript('demo/echo', [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send(server, path, { content: 'one' });
    await stream.until(isChunk);
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
    const first = await messageAt(1);
    server.simulator.nextScript('demo/echo', [{ delta: ' and half' }]);
    await ask({ continueOf: first.id });
    const last = await messageAt(2);
    const edited = await jsonOf<Message>(edit(first.id, { content: 'Whole', throughId: last.id }));
    expect(await contents()).toEqual(['one', 'Whole']);
    expect(edited.usage?.completionTokens).toBe(
      (first.usage?.completionTokens ?? 0) + (last.usage?.completionTokens ?? 0),
    );
  });

  it.each([
    ['a question', 0, 400, 'bad_request'],
    ['a message that does not exist', -1, 404, 'not_found'],
  ])('is not %s', async (_, index, status, code) => {
    await ask({ content: 'one' });
    const id = index < 0 ? 'none' : (await messageAt(index)).id;
    expect(await failureOf(edit(id, { content: 'uno' }))).toMatchObject({ status, code });
  });

  it('waits for the answer that is being written', async () => {
    await ask({ content: 'one' });
    const stream = await holdAnswer();
    const { id } = await messageAt(1);
    expect(await failureOf(edit(id, { content: 'uno' }))).toMatchObject({ status: 409, code: 'run_active' });
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
  });
});

describe('a fork', () => {
  it('is made from a message of the user and of the model, and leads back', async () => {
    await ask({ content: 'one' });
    await ask({ content: 'two' });
    const original = await detailOf(server, path);
    for (const [index, message] of original.messages.entries()) {
      const chat = await jsonOf<Chat>(fork({ messageId: message.id }));
      const { id: chatId, projectId, title } = original.chat;
      expect(chat.forkedFrom).toEqual({ projectId, chatId, messageId: message.id, title });
      const { messages, otherUsages } = await detailOf(server, path.replace(chatId, chat.id));
      expect(messages.map(({ content }) => content)).toEqual(
        ['one', 'one', 'two', 'two'].slice(0, index + 1),
      );
      expect(messages.map(({ copyOf }) => copyOf)).toEqual(
        original.messages.slice(0, index + 1).map(({ id }) => id),
      );
      expect(otherUsages).toEqual({});
    }
    expect(await detailOf(server, path)).toEqual(original);
  });

  it('is created once, however often it is requested under its id', async () => {
    await ask({ content: 'one' });
    const id = '0199a1b2-0000-7000-8000-00000000f0f0';
    const [first, second] = [await jsonOf<Chat>(fork({ id })), await jsonOf<Chat>(fork({ id }))];
    expect(second).toEqual(first);
  });

  it('continues where its branch ends, and stays when the original is deleted', async () => {
    await ask({ content: 'one' });
    const { id } = await jsonOf<Chat>(fork({}));
    await server.request('DELETE', path);
    path = path.replace(/[^/]+$/, id);
    await ask({ content: 'two' });
    expect(sentContents()).toEqual(['one', 'one', 'two']);
    const { chat } = await detailOf(server, path);
    expect(chat).not.toHaveProperty('forkedFrom');
    expect(chat.title).toBe('one (fork)');
  });

  it('needs a message, and one that is complete', async () => {
    expect(await failureOf(fork({}))).toMatchObject({ status: 400, code: 'bad_request' });
    const stream = await holdAnswer();
    expect(await failureOf(fork({}))).toMatchObject({ status: 409, code: 'run_active' });
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
  });
});

describe('a message that is deleted', () => {
  it('is deleted with everything below it, and restored with it', async () => {
    await ask({ content: 'one' });
    await ask({ content: 'two' });
    const { id } = await messageAt(1);
    const deleted = await jsonOf<MessagesChanged>(remove(id));
    expect(deleted.messageCount).toBe(3);
    expect(await contents()).toEqual(['one']);
    expect((await detailOf(server, path)).deletedMessages).toMatchObject([
      { messageId: id, messageCount: 3 },
    ]);
    expect(await failureOf(remove(id))).toMatchObject({ status: 404, code: 'not_found' });
    await restore(id);
    expect(await contents()).toEqual(['one', 'one', 'two', 'two']);
    expect((await detailOf(server, path)).deletedMessages).toEqual([]);
  });

  it('leaves a question that can be answered again, or followed', async () => {
    await ask({ content: 'one' });
    await remove((await messageAt(1)).id);
    await ask({ regenerateOf: (await messageAt(0)).id });
    expect(await contents()).toEqual(['one', 'one']);
    await remove((await messageAt(1)).id);
    await ask({ content: 'two' });
    expect(sentContents()).toEqual(['one\n\ntwo']);
  });

  it('can be all there is', async () => {
    await ask({ content: 'one' });
    await remove((await messageAt(0)).id);
    const { chat, messages } = await detailOf(server, path);
    expect([chat.activeLeafId, messages]).toEqual([null, []]);
    await ask({ content: 'two' });
    expect(sentContents()).toEqual(['two']);
  });

  it('ends the answer that is being written below it', async () => {
    const stream = await holdAnswer();
    const { id } = await messageAt(0);
    expect(await jsonOf<MessagesChanged>(remove(id))).toMatchObject({ messageCount: 2 });
    await stream.rest();
    await restore(id);
    expect((await messageAt(1)).status).toBe('cancelled');
  });

  it('is told to every tab, as an edit and a restore are', async () => {
    await ask({ content: 'one' });
    const feed = readFeed(await server.request('GET', '/api/events'));
    await feed.until(({ event }) => event?.type === 'feed-start');
    const answer = await messageAt(1);
    for (const change of [
      () => edit(answer.id, { content: 'uno' }),
      () => remove(answer.id),
      () => restore(answer.id),
    ]) {
      await change();
      await feed.until(({ event }) => event?.type === 'messages-change');
      await feed.until(({ event }) => event?.type === 'chat-change');
    }
    await feed.disconnect();
  });
});
