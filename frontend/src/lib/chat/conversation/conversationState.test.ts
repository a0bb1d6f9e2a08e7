import { RillError } from '@rill/protocol';
import { describe, expect, it, vi } from 'vitest';
import { type ChatBench, settle, setUpChat, textsOf } from '../chatStateTestBench.ts';
import { done, exampleChat, exampleMessage, runStart } from '../chatTestBench.ts';
import * as acts from './messageActs.ts';

const question = exampleMessage({ id: 'q1', role: 'user', content: 'Old words' });
const half = exampleMessage({
  id: 'h1',
  role: 'assistant',
  parentId: 'q1',
  content: 'Half',
  status: 'cancelled',
});
const rest = exampleMessage({ id: 'h2', role: 'assistant', parentId: 'h1', content: ' and half' });

/** A chat with one question, and its answer in two parts. */
async function open(change: Parameters<typeof setUpChat>[0] = {}): Promise<ChatBench> {
  const bench = setUpChat(change);
  bench.client.detail = {
    chat: { ...exampleChat, activeLeafId: 'h2' },
    messages: [question, half, rest],
    siblings: {},
    activeRun: null,
  };
  await bench.chat.load();
  return bench;
}

describe('an edited message', () => {
  it('is sent as a new version, and shown as one before the server responds', async () => {
    const { chat, client, drafts } = await open();
    chat.conversation.startEdit('q1');
    chat.conversation.writeEdit('New words');
    void acts.saveEdit(chat.conversation);
    await settle();
    expect(client.sent).toMatchObject([{ content: 'New words', parentId: null }]);
    expect(textsOf(chat)).toEqual(['New words', '']);
    client.streams[0]?.feed(runStart('New words', { id: 'q2' }));
    await settle();
    expect(chat.items[0]).toMatchObject({ message: { id: 'q2' }, siblings: ['q1', 'q2'], pending: null });
    expect(chat.conversation.edit.open).toBeNull();
    expect(drafts.read('edit:c1')).toBe('');
  });

  it('that waits for the server is still shown as an edit when the chat is read', async () => {
    const { chat, client } = await open();
    chat.conversation.startEdit('q1');
    chat.conversation.writeEdit('New words');
    void acts.saveEdit(chat.conversation);
    await settle();
    await chat.load();
    expect(textsOf(chat)).toEqual(['New words', '']);
    client.streams[0]?.feed(runStart('New words', { id: 'q2' }));
    await settle();
    expect(chat.items[0]).toMatchObject({ message: { id: 'q2' }, siblings: ['q1', 'q2'] });
  });

  it('that could not be sent opens its box again, under the key of the first try', async () => {
    const { chat, client } = await open();
    chat.conversation.startEdit('q1');
    chat.conversation.writeEdit('New words');
    void acts.saveEdit(chat.conversation);
    await settle();
    client.streams[0]?.fail(new RillError('server_busy'));
    await settle();
    expect(textsOf(chat)).toEqual(['Old words', ' and half']);
    expect(chat.conversation.shownEdit).toMatchObject({ text: 'New words' });
    expect(chat.problem).not.toBeNull();
    expect(chat.pending).toBeNull();
    void acts.saveEdit(chat.conversation);
    await settle();
    expect(client.sent[1]?.idempotencyKey).toBe(client.sent[0]?.idempotencyKey);
  });

  it('is kept over a reload, and removed when it was cancelled', async () => {
    const { chat, drafts } = await open();
    chat.conversation.startEdit('q1');
    chat.conversation.writeEdit('Not done');
    expect(JSON.parse(drafts.read('edit:c1'))).toMatchObject({ messageId: 'q1', text: 'Not done' });
    chat.conversation.edit.forget();
    expect(drafts.read('edit:c1')).toBe('');
  });

  it('stops the running answer first', async () => {
    const { chat, client } = await open();
    void chat.send('Next');
    await settle();
    client.streams[0]?.feed(runStart('Next', { id: 'q3', parentId: 'h2' }));
    await settle();
    chat.conversation.startEdit('q1');
    void acts.saveEdit(chat.conversation);
    await settle();
    expect(client.cancelled).toEqual(['r1']);
    expect(client.sent).toHaveLength(1);
    client.streams[0]?.feed(done('Half', { status: 'cancelled', parentId: 'q3' }));
    await settle();
    expect(client.sent[1]).toMatchObject({ content: 'Old words', parentId: null });
  });
});

describe('an answer', () => {
  it('is edited with all its parts', async () => {
    const editMessage = vi.fn(async () => exampleMessage({ id: 'e1', role: 'assistant' }));
    const { chat } = await open({ editMessage });
    chat.conversation.startEdit('h2');
    expect(chat.conversation.shownEdit?.text).toBe('Half and half');
    chat.conversation.writeEdit('Whole');
    await acts.saveEdit(chat.conversation);
    expect(editMessage).toHaveBeenCalledWith(
      expect.objectContaining({ messageId: 'h1', throughId: 'h2', content: 'Whole' }),
    );
    expect(chat.conversation.edit.open).toBeNull();
  });

  it('that could not be saved keeps its box open', async () => {
    const editMessage = () => Promise.reject(new RillError('run_active'));
    const { chat } = await open({ editMessage });
    chat.conversation.startEdit('h2');
    await acts.saveEdit(chat.conversation);
    expect(chat.conversation.shownEdit).not.toBeNull();
    expect(chat.problem).toBe(new RillError('run_active').message);
  });

  it('is deleted with all its parts, which are not counted as below it', async () => {
    const deleteMessage = vi.fn(async () => ({ chat: exampleChat, messageCount: 4 }));
    const restoreMessage = vi.fn(async () => ({ chat: exampleChat, messageCount: 4 }));
    const { chat } = await open({ deleteMessage, restoreMessage });
    await acts.deleteMessage(chat.conversation, 'h2');
    expect(deleteMessage).toHaveBeenCalledWith(expect.objectContaining({ messageId: 'h1' }));
    expect(chat.conversation.deletion).toEqual({ messageId: 'h1', belowCount: 2 });
    await acts.undoDeletion(chat.conversation);
    expect(restoreMessage).toHaveBeenCalledWith(expect.objectContaining({ messageId: 'h1' }));
    expect(chat.conversation.deletion).toBeNull();
  });
});

describe('a mark', () => {
  it('is set on all parts of an answer, and the chat is read again', async () => {
    const markMessage = vi.fn(async ({ messageId }: { messageId: string }) => ({ messageId, mark: null }));
    const { chat, client } = await open({ markMessage });
    client.detail = { ...client.detail, messages: [question, half, { ...rest, contextMark: 'pinned' }] };
    expect(await acts.markMessage(chat.conversation, 'h2', 'pinned')).toBe(true);
    expect(markMessage.mock.calls.map(([{ messageId }]) => messageId)).toEqual(['h1', 'h2']);
    expect(chat.messages.at(-1)?.contextMark).toBe('pinned');
  });

  it('that could not be stored is reported', async () => {
    const { chat } = await open({ markMessage: () => Promise.reject(new RillError('server_busy')) });
    expect(await acts.markMessage(chat.conversation, 'q1', 'kept-out')).toBe(false);
    expect(chat.problem).toBe(new RillError('server_busy').message);
  });
});

describe('a request for a summary', () => {
  it('is sent at the end of the branch, with its mark', async () => {
    const { chat, client } = await open();
    void acts.shortenChat(chat.conversation, 'Summarise.');
    await settle();
    expect(client.sent).toMatchObject([{ content: 'Summarise.', parentId: 'h2', contextMark: 'summary' }]);
    client.streams[0]?.feed(runStart('Summarise.', { id: 'q2', parentId: 'h2', contextMark: 'summary' }));
    await settle();
    expect(textsOf(chat)).toEqual(['Old words', ' and half', 'Summarise.', '']);
    expect(chat.pending).toBeNull();
  });

  it('that could not be sent is reported, and nothing of it remains', async () => {
    const { chat, client } = await open();
    void acts.shortenChat(chat.conversation, 'Summarise.');
    await settle();
    client.streams[0]?.fail(new RillError('context_too_large'));
    await settle();
    expect(textsOf(chat)).toEqual(['Old words', ' and half']);
    expect(chat.problem).toBe(new RillError('context_too_large').message);
  });
});

describe('what copies cost', () => {
  it('is shown with them, and not counted again', async () => {
    const { chat, client } = await open();
    const usage = {
      promptTokens: 1,
      completionTokens: 1,
      reasoningTokens: null,
      cachedTokens: null,
      costUsd: 0.5,
      estimated: false,
    };
    const copy = { ...rest, parentId: 'q1', usage, copyOf: 'other' };
    client.detail = { ...client.detail, messages: [question, copy] };
    await chat.load();
    expect([chat.cost, chat.branchCost]).toEqual([null, null]);
    expect(chat.messages[1]?.usage?.costUsd).toBe(0.5);
  });
});
