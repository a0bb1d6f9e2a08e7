import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatClient } from './chatState.svelte.ts';
import { present, settle, setUpChat, shapeOf } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';

const question = exampleMessage({ id: 'u0', role: 'user', content: 'What are tides?' });
const answer = exampleMessage({ id: 'a0', role: 'assistant', parentId: 'u0', content: 'Long waves.' });
/** A turn that another tab had meanwhile. */
const missedTurn = [
  exampleMessage({ id: 'u5', role: 'user', parentId: 'a0', content: 'From the other tab' }),
  exampleMessage({ id: 'a5', role: 'assistant', parentId: 'u5', content: 'To the other tab.' }),
];
/** The turn of the run r1. */
const otherQuestion = exampleMessage({
  id: 'u1',
  role: 'user',
  parentId: 'a0',
  content: 'From the other tab',
});
const otherAnswer = exampleMessage({
  id: 'a1',
  role: 'assistant',
  parentId: 'u1',
  content: 'To the other tab.',
});

describe('a chat that another tab writes to', () => {
  /** A tab that shows the first turn only. */
  async function open(change: Partial<ChatClient> = {}) {
    const bench = setUpChat(change);
    bench.client.detail = { ...bench.client.detail, messages: [question, answer] };
    await bench.chat.load();
    return bench;
  }

  /** The same, after a send that the server refused because the other tab's answer is being written. */
  async function refused() {
    const bench = await open();
    const { chat, client } = bench;
    client.detail = {
      chat: { ...exampleChat, activeRunId: 'r1' },
      messages: [question, answer, otherQuestion, { ...otherAnswer, status: 'streaming', content: '' }],
      siblings: {},
      activeRun: exampleRun,
    };
    chat.draft = 'From this tab';
    void chat.send(chat.draft);
    await settle();
    present(client.streams[0]).fail(new RillError('run_active'));
    await settle();
    return { ...bench, stream: present(client.streams[1]) };
  }

  it('queues its message behind the answer that came first, under its own key', async () => {
    const { chat, client, stream, unsentAtServer, notices } = await refused();
    stream.feed(runStart('From the other tab', { parentId: 'a0' }));
    stream.feed(chunk('To the'));
    await settle();
    expect(shapeOf(chat)).toEqual([
      ['user', 'u0'],
      ['answer', 'a0'],
      ['user', 'u1'],
      ['answer', 'a1'],
    ]);
    expect([chat.pending, chat.draft]).toEqual([null, '']);
    expect(chat.queue.messages).toMatchObject([{ key: 'k1', content: 'From this tab' }]);
    expect(unsentAtServer.queueOf('c1').messages).toMatchObject([{ key: 'k1', content: 'From this tab' }]);
    expect(notices[0]).toEqual({ type: 'queued', position: 1 });
    expect(notices.filter(({ type }) => type === 'failure')).toEqual([]);
    expect(client.sent).toHaveLength(1);
  });

  it('leaves a message that was stopped before its refusal to be sent again', async () => {
    const { chat, client, unsentAtServer } = await open();
    void chat.send('From this tab');
    await settle();
    await chat.cancel();
    present(client.streams[0]).fail(new RillError('run_active'));
    await settle();
    expect(chat.pending?.failure).toBe('An answer is still being written in this chat.');
    expect(unsentAtServer.queueOf('c1').messages).toEqual([]);
    void chat.resend();
    await settle();
    expect(client.sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['k1', 'k1']);
  });

  it('shows the turn it missed as soon as the server reports which message its own follows', async () => {
    const { chat, client } = await open();
    void chat.send('From this tab');
    await settle();
    const keys = shapeOf(chat);
    const sent = exampleMessage({ id: 'u1', role: 'user', parentId: 'a5', content: 'From this tab' });
    const running = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', status: 'streaming' });
    client.detail = {
      chat: { ...exampleChat, activeRunId: 'r1' },
      messages: [question, answer, ...missedTurn, sent, running],
      siblings: {},
      activeRun: exampleRun,
    };
    const stream = present(client.streams[0]);
    stream.feed(runStart('From this tab', { parentId: 'a5' }));
    await settle();
    expect(shapeOf(chat)).toEqual([...keys.slice(0, 2), ['user', 'u5'], ['answer', 'a5'], ...keys.slice(2)]);
    expect(chat.loading).toBe('ready');
    expect(client.streams).toHaveLength(1);
  });

  it('shows the turn it missed at the latest when the run ends', async () => {
    let isDown = false;
    const { chat, client } = await open({
      getChat: async () => {
        if (isDown) throw new RillError('internal');
        return client.detail;
      },
    });
    void chat.send('From this tab');
    await settle();
    isDown = true;
    const stream = present(client.streams[0]);
    stream.feed(runStart('From this tab', { parentId: 'a5' }));
    await settle();
    isDown = false;
    const sent = exampleMessage({ id: 'u1', role: 'user', parentId: 'a5', content: 'From this tab' });
    const ended = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: 'Right.' });
    client.detail = {
      ...client.detail,
      messages: [question, answer, ...missedTurn, sent, ended],
    };
    stream.feed(done('Right.'));
    await settle();
    expect(chat.messages.map(({ id }) => id)).toEqual(['u0', 'a0', 'u5', 'a5', 'u1', 'a1']);
    expect(shapeOf(chat).at(-1)).toEqual(['answer', 'answer:k1']);
  });

  it('shows a message only once that the server had although its send was given up', async () => {
    const { chat, client } = await open();
    void chat.send('From this tab');
    await settle();
    present(client.streams[0]).connection('reconnecting');
    await settle();
    await chat.cancel();
    const sent = exampleMessage({ id: 'u1', role: 'user', parentId: 'a0', content: 'From this tab' });
    client.detail = { ...client.detail, messages: [question, answer, sent, otherAnswer] };
    await chat.load();
    void chat.resend();
    await settle();
    const stream = present(client.streams[1]);
    stream.feed(runStart('From this tab', { parentId: 'a0' }));
    stream.feed(done('To the other tab.'));
    await settle();
    expect(chat.pending).toBeNull();
    expect(chat.messages.map(({ id }) => id)).toEqual(['u0', 'a0', 'u1', 'a1']);
  });

  it('does not go back to what it read before its own answer ended', async () => {
    const reads: ((isLate: boolean) => void)[] = [];
    const { chat, client } = await open();
    const late = client.detail;
    client.getChat = () =>
      new Promise((resolve) => reads.push((isLate) => resolve(isLate ? late : client.detail)));
    void chat.load();
    void chat.send('From this tab');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('From this tab', { parentId: 'a0' }));
    stream.feed(done('To this tab.'));
    await settle();
    present(reads[0])(true);
    await settle();
    expect(chat.messages.map(({ id }) => id)).toEqual(['u0', 'a0', 'u1', 'a1']);
    client.detail = { ...late, messages: chat.messages.slice() };
    present(reads[1])(false);
    await settle();
    expect(chat.messages.map(({ id }) => id)).toEqual(['u0', 'a0', 'u1', 'a1']);
  });
});
