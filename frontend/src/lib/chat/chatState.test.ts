import { type ChatDetail, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatClient } from './chatState.svelte.ts';
import { openChat, present, settle, setUpChat, shapeOf } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';

const user = exampleMessage({ id: 'u1', role: 'user', content: 'Why?' });
const answer = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: 'Because.' });

describe('ChatState', () => {
  it('shows a sent message at once, before the server has it', async () => {
    const { chat, client } = await openChat();
    void chat.send('Why?');
    expect(chat.items[0]).toMatchObject({
      type: 'user',
      message: { content: 'Why?' },
      pending: { failure: null },
    });
    expect(chat.isRunning).toBe(true);
    await settle();
    expect(client.sent[0]).toMatchObject({ content: 'Why?', idempotencyKey: 'k1' });
  });

  it('sends a message that was written before the chat was loaded once it is, and only once', async () => {
    const reading = Promise.withResolvers<ChatDetail>();
    const { chat, client } = setUpChat({ getChat: () => reading.promise });
    void chat.load();
    chat.draft = 'Why?';
    void chat.send('Why?');
    void chat.send('Why?');
    await settle();
    expect(client.sent).toEqual([]);
    reading.resolve({ chat: exampleChat, messages: [], siblings: {}, activeRun: null });
    await settle();
    expect(client.sent.map(({ content }) => content)).toEqual(['Why?']);
    expect(chat.draft).toBe('');
  });

  it('keeps a message that was sent before the chat was loaded when it was changed since, or the chat is missing', async () => {
    const reading = Promise.withResolvers<ChatDetail>();
    const { chat, client } = setUpChat({ getChat: () => reading.promise });
    void chat.load();
    chat.draft = 'Why?';
    void chat.send('Why?');
    chat.draft = 'Why not?';
    reading.resolve({ chat: exampleChat, messages: [], siblings: {}, activeRun: null });
    await settle();
    expect([client.sent, chat.draft]).toEqual([[], 'Why not?']);
    const missing = setUpChat({ getChat: () => Promise.reject(new RillError('not_found')) });
    missing.chat.draft = 'Why?';
    await missing.chat.send('Why?');
    expect([missing.client.sent, missing.chat.draft]).toEqual([[], 'Why?']);
  });

  it('keeps the keys of message and answer from the send to the end', async () => {
    const { chat, client } = await openChat();
    void chat.send('Why?');
    const keys = shapeOf(chat);
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    await settle();
    expect(shapeOf(chat)).toEqual(keys);
    expect(chat.pending).toBeNull();
    stream.feed(chunk('Be'));
    stream.feed(done('Because.'));
    await settle();
    expect(shapeOf(chat)).toEqual(keys);
    expect(chat.isRunning).toBe(false);
    expect(chat.messages.map((message) => message.content)).toEqual(['Why?', 'Because.']);
  });

  it('folds many chunks into one change per frame', async () => {
    const { chat, client, frames, runFrame } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    await settle();
    for (const text of ['Be', 'cau', 'se']) stream.feed(chunk(text));
    await settle();
    expect(chat.live?.view.content).toBe('');
    expect(frames.size).toBe(1);
    runFrame();
    expect(chat.live?.view.content).toBe('Because');
  });

  it('says when the answer starts and ends, and never its text in between', async () => {
    const { chat, client, notices } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    for (const event of [runStart('Why?'), chunk('Be'), chunk('cause.'), done('Because.')])
      stream.feed(event);
    await settle();
    expect(notices).toEqual([
      { type: 'answer-started' },
      { type: 'answer-ended', status: 'completed', content: 'Because.' },
    ]);
    expect(chat.chat?.activeRunId).toBeNull();
  });

  it('makes the chat with the first message, and names it after that', async () => {
    const { chat, client } = await openChat({}, null);
    void chat.selectModel('demo/long');
    void chat.send('# Why *so*?');
    await settle();
    expect(client.sent).toMatchObject([
      { chatId: 'c1', content: '# Why *so*?', model: 'demo/long', createChat: true },
    ]);
    present(client.streams[0]).feed(runStart('# Why *so*?'));
    await settle();
    expect(chat.chat).toMatchObject({
      id: 'c1',
      projectId: 'p1',
      title: 'Why so?',
      model: 'demo/long',
      activeRunId: 'r1',
      activeLeafId: 'a1',
    });
    present(client.streams[0]).feed(done('Because.'));
    await settle();
    void chat.send('And?');
    await settle();
    expect(client.sent[1]).not.toHaveProperty('createChat');
  });

  it('keeps a message that could not be sent and sends it again under the same key', async () => {
    const { chat, client } = await openChat();
    chat.draft = 'Why?';
    void chat.send('Why?');
    await settle();
    present(client.streams[0]).fail(new RillError('too_many_runs'));
    await settle();
    expect(chat.pending?.failure).toBe(
      'Too many answers are being written at once. It will be sent automatically once the server accepts it.',
    );
    expect(chat.pending?.content).toBe('Why?');
    void chat.resend();
    await settle();
    expect(client.sent.map((request) => request.idempotencyKey)).toEqual(['k1', 'k1']);
    expect(chat.pending?.failure).toBeNull();
  });

  it('returns an unsent message to the composer, before newer text', async () => {
    const { chat, client } = await openChat();
    void chat.send('First');
    await settle();
    present(client.streams[0]).fail(new RillError('internal'));
    await settle();
    chat.draft = 'Second';
    chat.takeBack();
    expect(chat.draft).toBe('First\n\nSecond');
    expect(chat.pending).toBeNull();
  });

  it('forgets the draft once the server has the message', async () => {
    const { chat, client, drafts } = await openChat();
    chat.draft = 'Why?';
    void chat.send('Why?');
    chat.draft = 'Next';
    await settle();
    present(client.streams[0]).feed(runStart('Why?'));
    await settle();
    expect(drafts.read('c1')).toBe('Next');
  });

  it('watches a run that is active when the chat is opened', async () => {
    const { chat, client } = setUpChat();
    const partial = exampleMessage({ ...answer, status: 'streaming', content: 'Be' });
    client.detail = { chat: exampleChat, messages: [user, partial], siblings: {}, activeRun: exampleRun };
    await chat.load();
    expect(shapeOf(chat)).toEqual([
      ['user', 'u1'],
      ['answer', 'a1'],
    ]);
    expect(chat.live).toMatchObject({ startedAtMs: 1000, view: { content: 'Be', status: 'streaming' } });
    const stream = present(client.streams[0]);
    for (const event of [runStart('Why?'), chunk('Because.'), done('Because.')]) stream.feed(event);
    await settle();
    expect(chat.messages.map((message) => message.id)).toEqual(['u1', 'a1']);
  });

  it('answers again instead of an answer and offers both', async () => {
    const { chat, client } = setUpChat();
    client.detail = { chat: exampleChat, messages: [user, answer], siblings: {}, activeRun: null };
    await chat.load();
    void chat.retry('a1');
    expect(shapeOf(chat)).toEqual([
      ['user', 'u1'],
      ['answer', 'k1'],
    ]);
    await settle();
    expect(client.sent[0]).toMatchObject({ regenerateOf: 'a1' });
    const stream = present(client.streams[0]);
    const start = runStart('');
    if (start.type === 'run-start') stream.feed({ ...start, data: { ...start.data, userMessage: null } });
    stream.feed(done('Other.', { id: 'a2' }));
    await settle();
    expect(chat.messages.map((message) => message.id)).toEqual(['u1', 'a2']);
    expect(chat.items.at(-1)).toMatchObject({ siblings: ['a1', 'a2'] });
  });

  it('answers again with another model, unless that could not be chosen', async () => {
    let refusal: RillError | null = null;
    const updateChat: ChatClient['updateChat'] = async ({ model }) => {
      if (refusal) throw refusal;
      return { ...exampleChat, model: model ?? null };
    };
    const { chat, client } = setUpChat({ updateChat });
    client.detail = { chat: exampleChat, messages: [user, answer], siblings: {}, activeRun: null };
    await chat.load();
    refusal = new RillError('internal');
    await chat.retryWith('demo/long', 'a1');
    expect(client.sent).toEqual([]);
    expect(chat.problem).toBe('Something went wrong on the server.');
    refusal = null;
    void chat.retryWith('demo/long', 'a1');
    await settle();
    expect(client.sent).toEqual([expect.objectContaining({ regenerateOf: 'a1', model: 'demo/long' })]);
  });

  it('brings the old answer back when a new one cannot be started', async () => {
    const { chat, client } = setUpChat();
    client.detail = { chat: exampleChat, messages: [user, answer], siblings: {}, activeRun: null };
    await chat.load();
    void chat.retry('a1');
    await settle();
    present(client.streams[0]).fail(new RillError('too_many_runs'));
    await settle();
    expect(chat.messages.map((message) => message.id)).toEqual(['u1', 'a1']);
    expect(chat.problem).toBe('Too many answers are being written at once.');
  });

  it('keeps the seen text when watching fails permanently', async () => {
    const { chat, client, runFrame } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Be'));
    await settle();
    runFrame();
    stream.fail(new RillError('internal'));
    await settle();
    expect(chat.isRunning).toBe(false);
    expect(chat.messages.at(-1)).toMatchObject({ status: 'interrupted', content: 'Be' });
  });

  it('asks for a sign-in when the server does', async () => {
    const { chat, client, onUnauthorized } = await openChat();
    void chat.send('Why?');
    await settle();
    present(client.streams[0]).fail(new RillError('unauthorized'));
    await settle();
    expect(onUnauthorized).toHaveBeenCalledOnce();
    expect(chat.pending?.content).toBe('Why?');
  });

  it('tells a missing chat from one that could not be loaded', async () => {
    const missing = await openChat({ getChat: () => Promise.reject(new RillError('not_found')) });
    expect(missing.chat.loading).toBe('missing');
    const failed = await openChat({ getChat: () => Promise.reject(new RillError('internal')) });
    expect(failed.chat.loading).toEqual({ failure: 'Something went wrong on the server.' });
  });

  it('reverts a rename that failed', async () => {
    const { chat } = await openChat({ updateChat: () => Promise.reject(new RillError('internal')) });
    const renaming = chat.rename('Waves');
    expect(chat.chat?.title).toBe('Waves');
    await renaming;
    expect(chat.chat?.title).toBe('Tides');
    expect(chat.problem).not.toBeNull();
  });

  it('reports once that the connection is back', async () => {
    const { chat, client, notices } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    for (const state of ['reconnecting', 'connecting'] as const) stream.connection(state);
    await settle();
    expect(chat.live?.connection).toBe('reconnecting');
    stream.connection('open');
    await settle();
    expect(notices).toEqual([{ type: 'reconnected' }]);
  });

  it('opens no stream when it is left while it loads', async () => {
    const { chat, client } = setUpChat();
    const partial = exampleMessage({ ...answer, status: 'streaming', content: 'Be' });
    client.detail = { chat: exampleChat, messages: [user, partial], siblings: {}, activeRun: exampleRun };
    const loading = chat.load();
    chat.dispose();
    await loading;
    expect(client.streams).toEqual([]);
    expect(chat.live).toBeNull();
  });

  it('keeps the text of an answer that cannot be attached to', async () => {
    const { chat, client } = setUpChat();
    const partial = exampleMessage({ ...answer, status: 'streaming', content: 'Be' });
    client.detail = { chat: exampleChat, messages: [user, partial], siblings: {}, activeRun: exampleRun };
    await chat.load();
    present(client.streams[0]).fail(new RillError('internal'));
    await settle();
    expect(chat.messages.at(-1)).toMatchObject({ status: 'interrupted', content: 'Be' });
  });

  it('tells which version is being written when it is opened in the middle of a second one', async () => {
    const { chat, client } = setUpChat();
    const second = exampleMessage({ id: 'a2', role: 'assistant', parentId: 'u1', status: 'streaming' });
    const siblings = { a2: ['a1', 'a2'] };
    const activeRun = { ...exampleRun, messageId: 'a2' };
    client.detail = { chat: exampleChat, messages: [user, second], siblings, activeRun };
    await chat.load();
    expect(chat.items.at(-1)).toMatchObject({ type: 'answer', siblings: ['a1', 'a2'] });
    present(client.streams[0]).feed(done('Other.', { id: 'a2' }));
    await settle();
    expect(chat.items.at(-1)).toMatchObject({ type: 'answer', siblings: ['a1', 'a2'] });
  });

  it('shows an answer as the server has it when watching failed and the chat is read again', async () => {
    const { chat, client, onUnauthorized } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Be'));
    await settle();
    stream.fail(new RillError('unauthorized'));
    await settle();
    expect(onUnauthorized).toHaveBeenCalledOnce();
    expect(chat.problem).toBeNull();
    const keys = shapeOf(chat);
    client.detail = { ...client.detail, messages: [user, answer] };
    await chat.load();
    expect(shapeOf(chat)).toEqual(keys);
    expect(chat.items.at(-1)).toMatchObject({ message: answer });
  });

  it.each(['rename', 'cancel'] as const)(
    'asks for a sign-in when %s is refused for want of one',
    async (action) => {
      const unauthorized = () => Promise.reject(new RillError('unauthorized'));
      const { chat, client, onUnauthorized } = await openChat({
        updateChat: unauthorized,
        cancelRun: unauthorized,
      });
      void chat.send('Why?');
      await settle();
      present(client.streams[0]).feed(runStart('Why?'));
      await settle();
      await (action === 'rename' ? chat.rename('Waves') : chat.cancel());
      expect(onUnauthorized).toHaveBeenCalledOnce();
      expect(chat.problem).toBeNull();
    },
  );
});
