/** Tests that what an export has in a rarer shape is kept, and that what is left out is said. */
import { describe, expect, it } from 'vitest';
import { answer, parseNodes, tool, user } from './chatGptTestBench.ts';
import { parseOutline as parse } from './parseTestBench.ts';

const outlineOf = (nodes: readonly (readonly [string, unknown])[]) => {
  const { chat, notes } = parseNodes(nodes);
  return { texts: chat?.messages.map(({ text }) => text), notes };
};

describe('a conversation of ChatGPT', () => {
  it('keeps a content that is only a text, and parts that are only one', () => {
    const nodes = [
      user('q', null, '', { content: 'One?' }),
      answer('a', 'q', '', { content: { content_type: 'text', parts: 'One.' } }),
    ];
    expect(outlineOf(nodes)).toEqual({ texts: ['One?', 'One.'], notes: [] });
  });

  it('reports unknown parts, nodes and roles', () => {
    const parts = { content_type: 'text', parts: ['One?', null, 7, ['x']] };
    const nodes = [
      user('q', null, '', { content: parts }),
      answer('x', 'q', 'Heard', { role: 'narrator' }),
      ['y', 'no node'],
      ['z', { id: 'z', parent: 'q', message: 'no message' }],
      ['null', null],
    ] as const;
    expect(outlineOf(nodes)).toEqual({
      texts: ['One?'],
      notes: [
        'part of an unknown kind: number',
        'part of an unknown kind: list',
        'message of an unknown role: narrator',
        'message that is none (2 times)',
      ],
    });
  });

  it('reports that changes of a canvas, an unreadable one and the pictures of a video are omitted', () => {
    const call = (id: string, parent: string, recipient: string, text: string) =>
      answer(id, parent, '', { content: { content_type: 'code', text }, more: { recipient } });
    const video = {
      content_type: 'real_time_user_audio_video_asset_pointer',
      audio_asset_pointer: { asset_pointer: 'sediment://file_1' },
      frames_asset_pointers: [{ asset_pointer: 'sediment://file_2' }],
    };
    const nodes = [
      user('q', null, '', { content: { content_type: 'multimodal_text', parts: ['One?', video] } }),
      call('c1', 'q', 'canmore.create_textdoc', '{"name":"A","type":"document","content":"Text"}'),
      tool('t1', 'c1', { content_type: 'text', parts: ['done'] }),
      call('c2', 't1', 'canmore.update_textdoc', '{"updates":[{"pattern":".*","replacement":"New"}]}'),
      call('c3', 'c2', 'canmore.create_textdoc', '{"name":'),
      answer('a', 'c3', 'Done.'),
    ];
    expect(outlineOf(nodes)).toEqual({
      texts: ['One?', '**A**\n\nText\n\nDone.'],
      notes: ['video of a voice chat', 'change of a document of the canvas', 'document that cannot be read'],
    });
  });
});

describe('a conversation of Claude', () => {
  const message = (uuid: string, more: object) => ({ uuid, sender: 'human', created_at: null, ...more });
  const chat = (messages: unknown) => ({ uuid: 'c', name: 'A name', chat_messages: messages });

  it('keeps two pictures of one name', () => {
    const files = [
      { file_uuid: 'f1', file_name: 'image.png' },
      { file_uuid: 'f2', file_name: 'image.png' },
      { file_uuid: 'f3', file_name: 'a.txt' },
      { file_uuid: 'f4', file_name: '' },
    ];
    const attachments = [
      { file_name: 'a.txt', extracted_content: 'Inner' },
      { file_name: '', extracted_content: 'Pasted' },
    ];
    const { messages } = parse(chat([message('q', { text: 'See', files, files_v2: files, attachments })]));
    expect(messages.q?.files.map(({ name, source }) => [name, source.kind])).toEqual([
      ['a.txt', 'text'],
      ['Pasted text.txt', 'text'],
      ['image.png', 'archive'],
      ['image.png', 'archive'],
    ]);
  });

  it('keeps the flat text where the blocks are empty, and a content that is a text', () => {
    const { outline } = parse(
      chat([
        message('q1', { text: 'Flat', content: [{ type: 'text', text: '' }] }),
        message('q2', { text: '', content: 'Plain' }),
      ]),
    );
    expect(outline).toEqual(['q1< Q Flat', 'q2<q1 Q Plain']);
  });

  it('says that its list of messages is none', () => {
    expect(parse(chat({ q: {} })).notes).toEqual(['list of messages that is none']);
  });
});

describe('a chat of Open WebUI', () => {
  const history = { messages: { q: { id: 'q', role: 'user', content: 'One?' } }, currentId: 'q' };

  it('is its list where the history is empty', () => {
    const messages = [
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'One.' },
    ];
    const { outline } = parse({ id: 'c', chat: { history: { messages: {} }, messages } });
    expect(outline).toEqual(['message-0< Q One?', 'message-1<message-0 A One.']);
  });

  it('reports that a system prompt, a part and a message without a role are omitted', () => {
    const messages = {
      ...history.messages,
      x: { id: 'x', parentId: 'q', content: 'Mine' },
      y: { id: 'y', parentId: 'q', role: 'user', content: [{ type: 'input_audio' }, { text: 'Two?' }] },
    };
    const { outline, notes } = parse({ id: 'c', chat: { system: 'Be brief', history: { messages } } });
    expect(outline).toEqual(['q< Q One?', 'y<q Q Two?']);
    expect(notes).toEqual([
      'system prompt',
      'message of an unknown role: without a name',
      'part of an unknown kind: input_audio',
    ]);
  });
});

describe('a chat of LibreChat', () => {
  it('recognises questions by their sender, keeps the text next to an empty content, and reports its prompt', () => {
    const { outline, notes } = parse({
      conversationId: 'c',
      options: { promptPrefix: 'Be brief' },
      messages: [
        { messageId: 'q', sender: 'User', text: 'One?', content: [{ type: 'text', text: '' }] },
        { messageId: 'a', parentMessageId: 'q', sender: 'GPT-4o', content: 'One.' },
      ],
    });
    expect(outline).toEqual(['q< Q One?', 'a<q A One.']);
    expect(notes).toEqual(['system prompt']);
  });

  it('says that its list of messages is none', () => {
    expect(parse({ conversationId: 'c', messages: {} }).notes).toEqual(['list of messages that is none']);
  });
});

describe('a conversation of chat-ui', () => {
  it('reports that a system prompt and a text of another kind are omitted', () => {
    const { outline, notes } = parse({
      _id: 'c',
      preprompt: 'Be brief',
      messages: [
        { id: 's', from: 'system', content: 'Be brief', ancestors: [] },
        { id: 'q', from: 'user', content: 'One?', ancestors: ['s'] },
        { id: 'a', from: 'assistant', content: { odd: 1 }, ancestors: ['s', 'q'] },
      ],
    });
    expect(outline).toEqual(['q< Q One?']);
    expect(notes).toEqual(['system prompt', 'text of an unknown kind']);
  });
});
