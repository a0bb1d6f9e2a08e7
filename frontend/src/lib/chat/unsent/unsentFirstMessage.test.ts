/** A first message that could not be sent belongs to its own chat, and is sent once when the server is back. */
import { RillError } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { done, mayHaveMissed, runStart } from '../chatTestBench.ts';
import { pass, setUpTabs } from './unsentTestBench.ts';

describe('a first message that could not be sent', () => {
  let bench: ReturnType<typeof setUpTabs>;

  beforeEach(() => {
    vi.useFakeTimers();
    bench = setUpTabs();
  });
  afterEach(() => {
    bench.close();
    vi.useRealTimers();
  });

  async function sendWhileDown() {
    const tab = await bench.openTab();
    bench.server.isUp = false;
    await tab.state.current?.send('Why is the sky blue?');
    await pass();
    return tab;
  }

  it('stays in its own chat, with its own address and a row in the sidebar', async () => {
    const { state, host } = await sendWhileDown();
    const chatId = state.current?.chatId ?? '';
    expect(host.paths).toEqual([`/projects/p1/chats/${chatId}`]);
    state.newChat();
    expect(state.current?.chatId).toBeNull();
    expect([state.current?.draft, state.current?.pending]).toEqual(['', null]);
    expect(state.chatsByProject.p1).toMatchObject([{ id: chatId, title: 'Why is the sky blue?' }]);
    expect(state.unsent.find(chatId)).toMatchObject({ makesChat: true });
    state.open({ name: 'chat', projectId: 'p1', chatId });
    expect(state.current?.pending).toMatchObject({ content: 'Why is the sky blue?' });
    expect(state.current?.loading).toBe('ready');
  });

  it.each(['stays', 'has gone to another chat', 'has reloaded'])(
    'is sent once, under its key, when the server is back and its writer %s',
    async (where) => {
      let tab = await sendWhileDown();
      const chatId = tab.state.current?.chatId ?? '';
      const key = tab.state.current?.pending?.key;
      if (where === 'has gone to another chat') tab.state.newChat();
      if (where === 'has reloaded') {
        bench.closeTabs();
        tab = await bench.openTab(`/projects/p1/chats/${chatId}`);
      }
      expect(tab.client.sent).toEqual([]);
      bench.server.isUp = true;
      tab.feed.tell(mayHaveMissed);
      await pass();
      tab.feed.tell(mayHaveMissed);
      await pass();
      expect(tab.client.sent).toMatchObject([
        { chatId, content: 'Why is the sky blue?', idempotencyKey: key, createChat: true },
      ]);
      tab.client.streams[0]?.feed(runStart('Why is the sky blue?'));
      await pass();
      expect(tab.state.unsent.find(chatId)).toBeNull();
      expect(bench.storage.length).toBe(0);
      tab.client.streams[0]?.feed(done('Because.'));
      await pass();
      tab.feed.tell(mayHaveMissed);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(tab.client.sent).toHaveLength(1);
    },
  );

  it.each(['body_too_large', 'context_too_large', 'model_not_found'] as const)(
    'that is refused with %s leaves no chat at the server, and stays as it was written',
    async (code) => {
      const { state } = await bench.openTab();
      bench.server.isUp = false;
      bench.server.refusal = new RillError(code);
      await state.current?.send('Why is the sky blue?');
      expect(bench.server.made).toEqual([]);
      expect(state.current?.pending?.content).toBe('Why is the sky blue?');
      state.current?.takeBack();
      expect(state.current?.draft).toBe('Why is the sky blue?');
    },
  );

  it('that was kept by an older page is sent', async () => {
    const old = { projectId: 'p1', chatId: 'c9', key: 'k9', content: 'Why?', model: null, createdAtMs: 1 };
    bench.storage.setItem('rill:unsent:c9', JSON.stringify({ ...old, hold: null, isDraft: false }));
    const { client, feed } = await bench.openTab();
    feed.tell(mayHaveMissed);
    await pass();
    expect(client.sent).toMatchObject([{ chatId: 'c9', idempotencyKey: 'k9', createChat: true }]);
  });

  it('is sent after a while without any news of the feed', async () => {
    const { client } = await sendWhileDown();
    bench.server.isUp = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(client.sent).toHaveLength(1);
  });

  it('is sent by two tabs under one key to one chat', async () => {
    const one = await sendWhileDown();
    const chatId = one.state.current?.chatId ?? '';
    const other = await bench.openTab(`/projects/p1/chats/${chatId}`);
    bench.server.isUp = true;
    for (const { feed } of [one, other]) feed.tell(mayHaveMissed);
    await pass();
    const sent = [...one.client.sent, ...other.client.sent];
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(new Set(sent.map((request) => request.chatId))).toEqual(new Set([chatId]));
  });

  it('that its writer withdrew is a draft of its own chat, and is not sent', async () => {
    const { state, feed, client } = await sendWhileDown();
    const chatId = state.current?.chatId ?? '';
    state.current?.takeBack();
    expect(state.current?.draft).toBe('Why is the sky blue?');
    state.newChat();
    expect(state.current?.draft).toBe('');
    bench.server.isUp = true;
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(client.sent).toEqual([]);
    state.open({ name: 'chat', projectId: 'p1', chatId });
    expect([state.current?.draft, state.current?.pending]).toEqual(['Why is the sky blue?', null]);
    void state.current?.send('Why is the sea blue?');
    await pass();
    expect(client.sent).toMatchObject([{ chatId, content: 'Why is the sea blue?' }]);
  });

  it('that the server refuses permanently waits for its writer, even over a reload', async () => {
    const { state } = await bench.openTab();
    bench.server.isUp = false;
    bench.server.refusal = new RillError('bad_request');
    await state.current?.send('Why is the sky blue?');
    await pass();
    const chatId = state.current?.chatId ?? '';
    expect(state.current?.pending?.failure).toBe('The request is not valid.');
    bench.closeTabs();
    const again = await bench.openTab(`/projects/p1/chats/${chatId}`);
    bench.server.isUp = true;
    again.feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(again.client.sent).toEqual([]);
    expect(again.state.current?.pending?.failure).toBe('The request is not valid.');
    // The same would be refused again, so only its text can be used.
    void again.state.current?.resend();
    await pass();
    expect(again.client.sent).toEqual([]);
    again.state.current?.takeBack();
    expect(again.state.current?.draft).toBe('Why is the sky blue?');
  });

  it('is deleted with its chat', async () => {
    const { state, feed, client } = await sendWhileDown();
    const chat = state.chatsByProject.p1?.[0];
    if (!chat) throw new Error('The chat is not listed.');
    await state.deleteChat(chat);
    expect(state.chatsByProject.p1).toEqual([]);
    bench.server.isUp = true;
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(client.sent).toEqual([]);
    expect(state.current).toMatchObject({ chatId: null, draft: '' });
  });
});
