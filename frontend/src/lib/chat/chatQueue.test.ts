import { afterEach, describe, expect, it } from 'vitest';
import { type ChatBench, present, settle, setUpChat } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';

describe('a message sent while an answer is running', () => {
  let current: ChatBench | null = null;
  const startRunning = async () => {
    const bench = setUpChat();
    current = bench;
    await bench.chat.load();
    void bench.chat.send('First');
    await settle();
    present(bench.client.streams[0]).feed(runStart('First'));
    await settle();
    return bench;
  };
  afterEach(async () => {
    current?.chat.dispose();
    await settle();
    current = null;
  });
  const queued = (bench: ChatBench) => bench.chat.queue.map(({ content }) => content);
  const sent = (bench: ChatBench) => bench.client.sent.map(({ content }) => content);

  it('waits and is sent once, when the answer is complete, before the next one', async () => {
    const bench = await startRunning();
    await bench.chat.send('Second');
    await bench.chat.send('Third');
    expect(queued(bench)).toEqual(['Second', 'Third']);
    expect(bench.notices.filter(({ type }) => type === 'queued')).toHaveLength(2);
    present(bench.client.streams[0]).feed(done('Answer'));
    await settle();
    expect([sent(bench), queued(bench)]).toEqual([['First', 'Second'], ['Third']]);
    expect(bench.chat.pending?.content).toBe('Second');
  });

  it.each(['cancelled', 'interrupted'] as const)(
    'stays in the queue when the answer is %s',
    async (status) => {
      const bench = await startRunning();
      await bench.chat.send('Second');
      present(bench.client.streams[0]).feed(done('Half', { status }));
      await settle();
      expect([sent(bench), queued(bench)]).toEqual([['First'], ['Second']]);
      await bench.chat.sendQueued(present(bench.chat.queue[0]).key);
      await settle();
      expect([sent(bench), queued(bench)]).toEqual([['First', 'Second'], []]);
    },
  );

  it('stops the answer when it is to be sent now, and goes before the others', async () => {
    const bench = await startRunning();
    present(bench.client.streams[0]).feed(chunk('Half'));
    await bench.chat.send('Second');
    await bench.chat.send('Third');
    await bench.chat.sendQueued(present(bench.chat.queue[1]).key);
    expect(bench.client.cancelled).toEqual(['r1']);
    expect(sent(bench)).toEqual(['First']);
    present(bench.client.streams[0]).feed(done('Half', { status: 'cancelled' }));
    await settle();
    expect([sent(bench), queued(bench)]).toEqual([['First', 'Third'], ['Second']]);
  });

  it('is sent as well when the end of the answer is read and not streamed', async () => {
    const bench = await startRunning();
    await bench.chat.send('Second');
    const messages = [
      exampleMessage({ id: 'u1', role: 'user', content: 'First' }),
      exampleMessage({
        id: 'a1',
        role: 'assistant',
        parentId: 'u1',
        runId: exampleRun.id,
        content: 'Answer',
      }),
    ];
    bench.client.detail = { chat: exampleChat, messages, siblings: {}, activeRun: null };
    await bench.chat.load();
    await settle();
    expect([sent(bench), queued(bench)]).toEqual([['First', 'Second'], []]);
    expect(bench.chat.items.map(({ type }) => type)).toEqual(['user', 'watched', 'user', 'watched']);
  });
});
