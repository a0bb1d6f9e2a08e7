import type { Message, RunEvent } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatState } from './chatState.svelte.ts';
import { present, settle, setUpChat, shapeOf } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';
import { joinAnswers } from './transcript/joinAnswers.ts';
import { shownMessage } from './transcript/transcript.ts';

const user = exampleMessage({ id: 'u1', role: 'user', content: 'Why?' });
const half: Message = exampleMessage({
  id: 'a1',
  role: 'assistant',
  parentId: 'u1',
  status: 'cancelled',
  content: 'Half ',
});
const rest = (change: Partial<Message>): Message =>
  exampleMessage({ id: 'a2', role: 'assistant', parentId: 'a1', runId: 'r1', ...change });
const restStart: RunEvent = {
  type: 'run-start',
  data: {
    run: { ...exampleRun, messageId: 'a2' },
    userMessage: null,
    message: rest({ status: 'streaming' }),
  },
};

describe('continuing an answer', () => {
  const start = async (messages: Message[], siblings: Record<string, string[]> = {}) => {
    const bench = setUpChat();
    bench.client.detail = { chat: exampleChat, messages, siblings, activeRun: null };
    await bench.chat.load();
    return bench;
  };

  /** Text and parts of the answer at the end, as it is drawn. */
  const shown = (chat: ChatState) => {
    const item = present(chat.items.at(-1));
    if (item.type === 'user') throw new Error('No answer is shown.');
    return joinAnswers(item.before, shownMessage(item)).content;
  };

  it('is offered for the last answer when it was cut short, and for no other', async () => {
    expect((await start([user, half])).chat.continuableId).toBe('a1');
    const whole = { ...half, status: 'completed' as const };
    expect((await start([user, whole])).chat.continuableId).toBeNull();
    expect((await start([user, { ...whole, finishReason: 'length' }])).chat.continuableId).toBe('a1');
    const next = exampleMessage({ id: 'u2', role: 'user', parentId: 'a1' });
    expect((await start([user, half, next])).chat.continuableId).toBeNull();
  });

  it('shows the rest as one with the first part while it is written and when it is done', async () => {
    const { chat, client, runFrame } = await start([user, half]);
    void chat.continueAnswer('a1');
    await settle();
    expect(client.sent).toEqual([expect.objectContaining({ continueOf: 'a1' })]);
    expect(shapeOf(chat)).toEqual([
      ['user', 'u1'],
      ['answer', 'k1'],
    ]);
    expect(shown(chat)).toBe('Half ');
    const stream = present(client.streams[0]);
    stream.feed(restStart);
    stream.feed(chunk('and '));
    await settle();
    runFrame();
    expect(shown(chat)).toBe('Half and ');
    stream.feed(done('and half.', { id: 'a2', parentId: 'a1' }));
    await settle();
    expect(shown(chat)).toBe('Half and half.');
    expect(shapeOf(chat)).toEqual([
      ['user', 'u1'],
      ['answer', 'k1'],
    ]);
    expect(chat.messages.map(({ id }) => id)).toEqual(['u1', 'a1', 'a2']);
    expect(chat.continuableId).toBeNull();
  });

  it('shows stored parts as one answer', async () => {
    const next = exampleMessage({ id: 'u2', role: 'user', parentId: 'a2', content: 'Thanks' });
    const { chat } = await start([user, half, rest({ content: 'and half.' }), next]);
    expect(chat.items.map(({ key }) => key)).toEqual(['u1', 'a2', 'u2']);
    expect(chat.items[1]).toMatchObject({ type: 'answer', before: [{ id: 'a1' }], message: { id: 'a2' } });
  });

  it('writes the rest again, replacing it, and keeps the first part', async () => {
    const { chat, client } = await start([user, half, rest({ content: 'rubbish' })]);
    void chat.retry('a2');
    await settle();
    expect(client.sent).toEqual([expect.objectContaining({ regenerateOf: 'a2' })]);
    expect(shown(chat)).toBe('Half ');
    const stream = present(client.streams[0]);
    stream.feed({
      type: 'run-start',
      data: { run: exampleRun, userMessage: null, message: rest({ id: 'a3', status: 'streaming' }) },
    });
    stream.feed(done('and half.', { id: 'a3', parentId: 'a1' }));
    await settle();
    expect(shown(chat)).toBe('Half and half.');
    expect(chat.items.at(-1)).toMatchObject({ siblings: ['a2', 'a3'] });
  });

  it('offers the other versions of its earlier parts too', async () => {
    const item = (await start([user, half, rest({})], { a1: ['a0', 'a1'] })).chat.items.at(-1);
    expect(item).toMatchObject({
      versionsBefore: [{ messageId: 'a1', siblings: ['a0', 'a1'] }],
      siblings: [],
    });
  });

  it('regenerates all parts when the first one is named', async () => {
    const { chat, client } = await start([user, half, rest({ content: 'rubbish' })]);
    void chat.retry('a1');
    await settle();
    expect(client.sent).toEqual([expect.objectContaining({ regenerateOf: 'a1' })]);
    expect(shown(chat)).toBe('');
    const message = rest({ id: 'a3', parentId: 'u1', status: 'streaming' });
    const stream = present(client.streams[0]);
    stream.feed({ type: 'run-start', data: { run: exampleRun, userMessage: null, message } });
    stream.feed(done('Whole.', { id: 'a3', parentId: 'u1' }));
    await settle();
    expect(shown(chat)).toBe('Whole.');
    expect(chat.items.at(-1)).toMatchObject({ siblings: ['a1', 'a3'], before: [] });
  });

  it('is not mixed up with the answer to a new message', async () => {
    const { chat, client } = await start([user, half]);
    void chat.send('More?');
    await settle();
    present(client.streams[0]).feed(runStart('More?', { id: 'u2', parentId: 'a1' }));
    await settle();
    expect(chat.items.map((item) => (item.type === 'user' ? [] : item.before))).toEqual([[], [], [], []]);
  });

  it('does nothing while an answer is being written, or for an answer in the middle', async () => {
    const next = exampleMessage({ id: 'u2', role: 'user', parentId: 'a1' });
    const { chat, client } = await start([user, half, next]);
    await chat.continueAnswer('a1');
    expect(client.sent).toEqual([]);
  });
});
