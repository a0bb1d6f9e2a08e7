import { type FileReference, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { openChat, present, settle, setUpChat } from '../chatStateTestBench.ts';
import { exampleMessage, runStart } from '../chatTestBench.ts';
import { saveEdit } from '../conversation/messageActs.ts';
import { asSent, isNothing, isSame, joined } from './written.ts';

const file = (id: string): FileReference => ({
  id,
  name: `${id}.txt`,
  mediaType: 'text/plain',
  sizeBytes: 1,
  sha256: '',
  width: null,
  height: null,
  pageCount: null,
  estimatedTokens: 1,
});
const [one, two] = [file('f1'), file('f2')];

describe('what is written', () => {
  it('is joined in its order, with each file once', () => {
    expect(
      joined({ content: 'a', files: [one] }, { content: '' }, { content: 'b', files: [one, two] }),
    ).toEqual({
      content: 'a\n\nb',
      files: [one, two],
    });
  });

  it('is sent without what is not there', () => {
    expect(asSent({ content: ' ', files: [one] })).toEqual({ fileIds: ['f1'] });
    expect(asSent({ content: 'a' })).toEqual({ content: 'a' });
    expect([isNothing({ content: ' ' }), isNothing({ content: '', files: [one] })]).toEqual([true, false]);
  });

  it('is another when its files are', () => {
    expect(isSame({ content: 'a', files: [] }, { content: 'a' })).toBe(true);
    expect(isSame({ content: 'a', files: [one] }, { content: 'a', files: [two] })).toBe(false);
  });
});

describe('the files of a message', () => {
  it('are sent without words, and leave the composer with it', async () => {
    const { chat, client } = await openChat();
    chat.files = [one];
    void chat.send('');
    await settle();
    expect(client.sent).toMatchObject([{ fileIds: ['f1'] }]);
    expect(client.sent[0]).not.toHaveProperty('content');
    expect(chat.files).toEqual([]);
    expect(chat.items.at(0)?.message?.files).toEqual([one]);
  });

  it('return with the text of one that could not be sent', async () => {
    const { chat, client } = await openChat();
    chat.draft = 'Read this';
    chat.files = [one];
    void chat.send('Read this');
    await settle();
    chat.files = [two];
    present(client.streams[0]).fail(new RillError('bad_request'));
    await settle();
    chat.takeBack();
    expect([chat.draft, chat.files]).toEqual(['Read this', [one, two]]);
  });

  it('wait with it in the queue, and return from there', async () => {
    const { chat, client, unsentAtServer } = await openChat();
    void chat.send('First');
    await settle();
    present(client.streams[0]).feed(runStart('First'));
    await settle();
    chat.draft = 'Second';
    chat.files = [one];
    await chat.send('Second');
    expect(unsentAtServer.queueOf('c1').messages).toMatchObject([
      { content: 'Second', files: [{ id: 'f1' }] },
    ]);
    expect(chat.files).toEqual([]);
    await chat.editQueued(present(chat.queue.messages[0]).key);
    expect([chat.draft, chat.files.map(({ id }) => id)]).toEqual(['Second', ['f1']]);
  });

  it('are sent with another version of it, except those that were removed', async () => {
    const { chat, client } = setUpChat();
    const message = exampleMessage({ id: 'q1', role: 'user', content: 'Old', files: [one, two] });
    client.detail = { ...client.detail, messages: [message] };
    await chat.load();
    chat.conversation.startEdit('q1');
    chat.conversation.setEditFiles([two]);
    expect(present(chat.conversation.shownEdit).files).toEqual([two]);
    void saveEdit(chat.conversation);
    await settle();
    expect(client.sent).toMatchObject([{ content: 'Old', fileIds: ['f2'], parentId: null }]);
  });
});
