/** A message in a chat that is there, which could not be sent, is sent once when the server is back. */
import { RillError } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { done, mayHaveMissed, runStart } from '../chatTestBench.ts';
import { pass, setUpTabs } from './unsentTestBench.ts';

describe('a later message that could not be sent', () => {
  let bench: ReturnType<typeof setUpTabs>;

  beforeEach(() => {
    vi.useFakeTimers();
    bench = setUpTabs(['c1', 'c2']);
  });
  afterEach(() => {
    bench.close();
    vi.useRealTimers();
  });

  async function sendWhileDown(refusal?: RillError) {
    const tab = await bench.openTab('/projects/p1/chats/c1');
    await pass();
    bench.server.isUp = false;
    if (refusal) bench.server.refusal = refusal;
    await tab.state.current?.send('And why?');
    await pass();
    return tab;
  }

  it('says so in its chat, and marks it in the sidebar without adding a chat', async () => {
    const { state } = await sendWhileDown();
    expect(state.current?.pending?.failure).toContain(
      'It will be sent automatically once the server accepts it.',
    );
    expect(state.chatsByProject.p1?.map(({ id }) => id)).toEqual(['c1', 'c2']);
    expect(state.unsent.find('c1')).toMatchObject({ content: 'And why?', makesChat: false });
  });

  it.each(['stays', 'has gone to another chat', 'has reloaded', 'has reloaded into another chat'])(
    'is sent once, under its key, when the server is back and its writer %s',
    async (where) => {
      let tab = await sendWhileDown();
      const key = tab.state.current?.pending?.key;
      if (where === 'has gone to another chat')
        tab.state.open({ name: 'chat', projectId: 'p1', chatId: 'c2' });
      if (where.startsWith('has reloaded')) {
        bench.closeTabs();
        tab = await bench.openTab(`/projects/p1/chats/${where === 'has reloaded' ? 'c1' : 'c2'}`);
      }
      await pass();
      expect(tab.client.sent).toEqual([]);
      bench.server.isUp = true;
      tab.feed.tell(mayHaveMissed);
      await pass();
      tab.feed.tell(mayHaveMissed);
      await pass();
      expect(tab.client.sent).toMatchObject([{ chatId: 'c1', content: 'And why?', idempotencyKey: key }]);
      expect(tab.client.sent[0]).not.toHaveProperty('createChat');
      tab.client.streams[0]?.feed(runStart('And why?', { parentId: 'a0' }));
      await pass();
      tab.client.streams[0]?.feed(done('Because.'));
      await pass();
      expect(bench.storage.length).toBe(0);
      tab.feed.tell(mayHaveMissed);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(tab.client.sent).toHaveLength(1);
    },
  );

  it('is sent after a while without any news of the feed', async () => {
    const { client } = await sendWhileDown(new RillError('too_many_runs'));
    bench.server.isUp = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(client.sent).toHaveLength(1);
  });

  it('is still being sent when its writer goes to another chat while its connection is tried', async () => {
    const { state, client } = await bench.openTab('/projects/p1/chats/c1');
    await pass();
    void state.current?.send('And why?');
    await pass();
    client.streams[0]?.connection('reconnecting');
    await pass();
    state.open({ name: 'chat', projectId: 'p1', chatId: 'c2' });
    expect(client.sent[0]?.signal?.aborted).toBe(false);
    client.streams[0]?.feed(runStart('And why?', { parentId: 'a0' }));
    await pass();
    expect(state.unsent.find('c1')).toBeNull();
    expect(client.sent).toHaveLength(1);
  });

  it.each([
    ['was called back', undefined],
    ['is refused for good', new RillError('bad_request')],
  ])('is not sent by itself when it %s', async (why, refusal) => {
    const { state, feed, client } = await sendWhileDown(refusal);
    if (why === 'was called back') state.current?.takeBack();
    bench.server.isUp = true;
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(client.sent).toEqual([]);
    expect(state.current?.draft || state.current?.pending?.content).toBe('And why?');
  });

  it('waits in the queue of its chat when it met an answer that another tab asked for', async () => {
    const { state } = await sendWhileDown(new RillError('run_active'));
    expect(state.current?.pending).toBeNull();
    expect(state.current?.queue.messages).toMatchObject([{ content: 'And why?' }]);
    expect(state.unsent.find('c1')).toBeNull();
  });

  it('is not sent into a chat that was deleted when the server is back, and its text is kept', async () => {
    const { state, feed } = await sendWhileDown();
    bench.server.made.length = 0;
    bench.server.refusal = new RillError('not_found');
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(state.current?.loading).toBe('missing');
    expect(state.unsent.find('c1')).toMatchObject({ content: 'And why?' });
    expect(state.unsent.isWaiting('c1')).toBe(false);
  });

  it('is deleted with its chat when that is deleted here', async () => {
    const { state, feed, client } = await sendWhileDown();
    const chat = state.chatsByProject.p1?.find(({ id }) => id === 'c1');
    if (!chat) throw new Error('The chat is not listed.');
    await state.deleteChat(chat);
    bench.server.isUp = true;
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(client.sent).toEqual([]);
    expect(bench.storage.length).toBe(0);
  });
});
