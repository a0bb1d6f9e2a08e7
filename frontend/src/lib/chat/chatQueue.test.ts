import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { type ChatBench, openChat, present, settle, type setUpChat } from './chatStateTestBench.ts';
import { done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';

describe('a message sent while an answer is running', () => {
  const startRunning = async (change: Parameters<typeof setUpChat>[0] = {}) => {
    const bench = await openChat(change);
    void bench.chat.send('First');
    await settle();
    present(bench.client.streams[0]).feed(runStart('First'));
    await settle();
    return bench;
  };
  const queued = ({ chat }: ChatBench) => chat.queue.messages.map(({ content }) => content);
  const queueAtServer = (bench: ChatBench) => bench.unsentAtServer.queueOf('c1').messages;

  it('waits at the server, in order, and leaves the composer once it is kept', async () => {
    const bench = await startRunning();
    bench.chat.draft = 'Second';
    await bench.chat.send('Second');
    expect(bench.chat.draft).toBe('');
    await bench.chat.send('Third');
    expect(queued(bench)).toEqual(['Second', 'Third']);
    expect(queueAtServer(bench).map(({ content }) => content)).toEqual(['Second', 'Third']);
    expect(bench.notices.filter(({ type }) => type === 'queued')).toHaveLength(2);
    expect(bench.client.sent.map(({ content }) => content)).toEqual(['First']);
  });

  it('shows what the server did with the queue, and why it is paused', async () => {
    const bench = await startRunning();
    await bench.chat.send('Second');
    const { revision } = bench.unsentAtServer.changeQueue('c1', { pausedBy: 'failed' });
    bench.chat.queue.takeChange(revision);
    await settle();
    expect([queued(bench), bench.chat.queue.pausedBy]).toEqual([['Second'], 'failed']);
    await bench.chat.queue.resume();
    expect(bench.chat.queue.pausedBy).toBeNull();
  });

  it('stays here while the server is away, and is told to it under its key when it is back', async () => {
    const server = { isUp: false };
    const away = new RillError('internal', { message: 'The server cannot be reached.', isRetryable: true });
    const bench = await startRunning();
    const { addToQueue } = bench.client;
    bench.client.addToQueue = async (request) => {
      if (!server.isUp) throw away;
      return addToQueue(request);
    };
    await bench.chat.send('Second');
    expect([queued(bench), queueAtServer(bench)]).toEqual([['Second'], []]);
    expect(bench.chat.queue.messages[0]?.id).toBeNull();
    server.isUp = true;
    await bench.chat.syncUnsent();
    await bench.chat.syncUnsent();
    expect(queueAtServer(bench)).toHaveLength(1);
    expect(queued(bench)).toEqual(['Second']);
  });

  it('is back in the composer when the server refuses it permanently', async () => {
    const bench = await startRunning();
    bench.client.addToQueue = async () => {
      throw new RillError('queue_full');
    };
    await bench.chat.send('Second');
    expect([queued(bench), bench.chat.draft]).toEqual([[], 'Second']);
    expect(bench.chat.problem).toBe('No more messages can wait in this chat.');
  });

  it('is not said to come from another tab once the server sends it', async () => {
    const bench = await startRunning();
    const { chat, client } = bench;
    await chat.send('Second');
    bench.unsentAtServer.changeQueue('c1', { messages: [] });
    present(client.streams[0]).feed(done('To the first'));
    const message = { role: 'assistant', parentId: 'u2', status: 'streaming', runId: 'r2' } as const;
    client.detail = {
      chat: { ...exampleChat, activeRunId: 'r2' },
      messages: [
        exampleMessage({ id: 'u1', role: 'user', content: 'First' }),
        exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: 'To the first', runId: 'r1' }),
        exampleMessage({ id: 'u2', role: 'user', parentId: 'a1', content: 'Second' }),
        exampleMessage({ id: 'a2', ...message }),
      ],
      siblings: {},
      activeRun: { ...exampleRun, id: 'r2', messageId: 'a2' },
    };
    await settle();
    await chat.load();
    expect(present(chat.live).runId).toBe('r2');
    expect(present(chat.live).isFromElsewhere).toBe(false);
  });

  it('is moved, removed, and returned to the composer before the text there', async () => {
    const bench = await startRunning();
    for (const content of ['A', 'B', 'C']) await bench.chat.send(content);
    const keyOf = (content: string) =>
      present(bench.chat.queue.messages.find((message) => message.content === content)).key;
    await bench.chat.queue.move(keyOf('C'), -1);
    expect(queued(bench)).toEqual(['A', 'C', 'B']);
    await bench.chat.queue.remove(keyOf('A'));
    bench.chat.draft = 'And D';
    await bench.chat.editQueued(keyOf('C'));
    expect([queued(bench), bench.chat.draft]).toEqual([['B'], 'C\n\nAnd D']);
  });

  it('is not returned to the composer when it was sent meanwhile', async () => {
    const bench = await startRunning();
    await bench.chat.send('Second');
    bench.unsentAtServer.changeQueue('c1', { messages: [] });
    await bench.chat.editQueued(present(bench.chat.queue.messages[0]).key);
    await settle();
    expect([queued(bench), bench.chat.draft]).toEqual([[], '']);
  });
});
