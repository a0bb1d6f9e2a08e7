import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { openChat, present, settle, setUpChat, shapeOf } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';

const user = exampleMessage({ id: 'u1', role: 'user', content: 'Why?' });
const answer = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: 'Because.' });

describe('cancelling an answer', () => {
  it('freezes the text and ends the run', async () => {
    const { chat, client, runFrame } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Be'));
    await settle();
    runFrame();
    void chat.cancel();
    stream.feed(chunk('cause'));
    await settle();
    runFrame();
    expect(chat.live).toMatchObject({ isCancelling: true, view: { content: 'Be' } });
    expect(client.cancelled).toEqual(['r1']);
    stream.feed(done('Because', { status: 'cancelled' }));
    await settle();
    expect(chat.messages.at(-1)).toMatchObject({ status: 'cancelled', content: 'Because' });
  });

  it('keeps a cancel that precedes the id of the run', async () => {
    const { chat, client } = await openChat();
    void chat.send('Why?');
    await settle();
    await chat.cancel();
    expect(client.cancelled).toEqual([]);
    present(client.streams[0]).feed(runStart('Why?'));
    await settle();
    expect(client.cancelled).toEqual(['r1']);
  });

  it('continues the answer when it cannot be cancelled', async () => {
    const { chat, client } = await openChat({ cancelRun: () => Promise.reject(new RillError('internal')) });
    void chat.send('Why?');
    await settle();
    present(client.streams[0]).feed(runStart('Why?'));
    await settle();
    await chat.cancel();
    expect(chat.live?.isCancelling).toBe(false);
    expect(chat.problem).toBe('Something went wrong on the server.');
  });

  it('gives up a send that no server answers, and keeps its text', async () => {
    const { chat, client, notices } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    for (const state of ['connecting', 'reconnecting', 'connecting'] as const) stream.connection(state);
    await settle();
    await chat.cancel();
    expect(chat.isRunning).toBe(false);
    expect(client.sent[0]?.signal?.aborted).toBe(true);
    expect(client.cancelled).toEqual([]);
    expect(chat.pending?.failure).toBe('Stopped before the server answered.');
    expect(notices).toEqual([{ type: 'failure', message: 'Stopped before the server answered.' }]);
    expect(chat.pending?.content).toBe('Why?');
    void chat.resend();
    await settle();
    expect(client.sent.map((request) => request.idempotencyKey)).toEqual(['k1', 'k1']);
  });

  it('gives up a cancelled send as soon as its connection is lost without an answer', async () => {
    const { chat, client } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    stream.connection('connecting');
    await settle();
    await chat.cancel();
    expect(chat.live?.isCancelling).toBe(true);
    stream.connection('reconnecting');
    await settle();
    expect(chat.isRunning).toBe(false);
    expect(chat.pending?.failure).toBe('Stopped before the server answered.');
  });

  it('does not give up a cancelled send that the server has accepted', async () => {
    const { chat, client } = await openChat();
    void chat.send('Why?');
    await settle();
    const stream = present(client.streams[0]);
    for (const state of ['connecting', 'open', 'reconnecting'] as const) stream.connection(state);
    await settle();
    await chat.cancel();
    expect(chat.isRunning).toBe(true);
    stream.feed(runStart('Why?'));
    await settle();
    expect(client.cancelled).toEqual(['r1']);
  });

  it('restores the old answer when a new one is given up', async () => {
    const { chat, client } = setUpChat();
    client.detail = { chat: exampleChat, messages: [user, answer], siblings: {}, activeRun: null };
    await chat.load();
    void chat.retry('a1');
    await settle();
    present(client.streams[0]).connection('reconnecting');
    await settle();
    await chat.cancel();
    expect(shapeOf(chat)).toEqual([
      ['user', 'u1'],
      ['answer', 'a1'],
    ]);
  });

  it('ends a run that was attached to before the first frame came', async () => {
    const { chat, client } = setUpChat();
    const partial = exampleMessage({ ...answer, status: 'streaming', content: 'Be' });
    client.detail = { chat: exampleChat, messages: [user, partial], siblings: {}, activeRun: exampleRun };
    await chat.load();
    await chat.cancel();
    expect(client.cancelled).toEqual(['r1']);
    present(client.streams[0]).feed(runStart('Why?'));
    await settle();
    expect(client.cancelled).toEqual(['r1']);
  });
});
