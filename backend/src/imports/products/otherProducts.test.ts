import { describe, expect, it } from 'vitest';
import type { Fields } from '../form/untrusted.ts';
import { recogniseConversation } from './parseConversation.ts';
import { parseOutline as parse } from './parseTestBench.ts';

describe('a conversation is recognised by its shape:', () => {
  it.each<[string | null, unknown]>([
    ['chatgpt', { mapping: {} }],
    ['chatgpt', { conversation_id: 'a', create_time: 1 }],
    ['claude', { uuid: 'a', chat_messages: [] }],
    ['open-webui', { id: 'a', chat: { history: { messages: {} } } }],
    ['open-webui', { history: { messages: {} }, title: 'a' }],
    ['librechat', { conversationId: 'a', messages: [] }],
    ['librechat', { conversationId: 'a', messagesTree: [] }],
    ['chat-ui', { _id: 'a', messages: [{ from: 'user', content: 'a' }] }],
    [null, { id: 'a', conversation_id: 'b', title: 'shared', is_anonymous: true }],
    [null, { uuid: 'a', full_name: 'b' }],
    [null, { messages: [{ role: 'user' }] }],
    [null, []],
    [null, null],
    [null, 'mapping'],
  ])('%s', (product, value) => {
    expect(recogniseConversation(value)).toBe(product);
  });
});

describe('a chat of Open WebUI', () => {
  const message = (
    id: string,
    parentId: string | null,
    role: string,
    content: unknown,
    more: object = {},
  ) => [id, { id, parentId, childrenIds: [], role, content, timestamp: 1_772_323_200, ...more }];
  const row = (entries: readonly unknown[][], more: object = {}): Fields => ({
    id: 'c1',
    title: 'A title',
    created_at: 1_772_323_200,
    updated_at: 1_772_323_200_000_000_000,
    archived: true,
    pinned: true,
    chat: {
      title: 'Inner',
      history: { messages: Object.fromEntries(entries), currentId: 'a1' },
      messages: [{ role: 'user', content: 'not the history' }],
      ...more,
    },
  });

  it('takes the history, with models side by side as versions', () => {
    const { outline, chat, messages } = parse(
      row([
        message('q1', null, 'user', 'One?', { childrenIds: ['a2', 'a1'] }),
        message('a1', 'q1', 'assistant', 'One.', { model: 'm1', modelIdx: 1 }),
        message('a2', 'q1', 'assistant', 'Uno.', { model: 'm2', modelIdx: 0 }),
        ['null', null],
        message('q9', 'gone', 'user', 'Lost?'),
      ]),
    );
    expect(outline).toEqual(['q1< Q One?', 'a2<q1 A Uno.', 'a1<q1 A One.', 'q9< Q Lost?']);
    expect(messages.a1?.model).toBe('m1');
    expect(chat).toMatchObject({
      id: 'c1',
      title: 'A title',
      leafId: 'a1',
      createdAtMs: 1_772_323_200_000,
      updatedAtMs: 1_772_323_200_000,
    });
    expect(chat?.archivedAtMs).toBe(chat?.updatedAtMs);
  });

  it('takes boxes out of the text, and the newer output where there is no text', () => {
    const boxes =
      '<details type="reasoning" done="true" duration="12">\n<summary>Thought for 12 seconds</summary>\n&gt; I think\n> &quot;so&quot;\n</details>\n' +
      '<details type="tool_calls" done="true" id="t1" name="search" arguments="{&quot;q&quot;:1}"><summary>x</summary></details>Answer';
    const output = [
      { type: 'reasoning', content: [{ type: 'output_text', text: 'Newer' }] },
      { type: 'function_call', call_id: 't2', name: 'tool', arguments: '{}' },
      { type: 'function_call_output', call_id: 't2', output: 'x' },
      { type: 'message', content: [{ type: 'output_text', text: 'Out' }] },
      { type: 'dance' },
    ];
    const { messages, notes } = parse(
      row([
        message('a1', null, 'assistant', boxes),
        message('a2', 'a1', 'assistant', '', { output, error: { content: 'It broke.' } }),
        message('a3', 'a2', 'assistant', '<think>Open', { done: false }),
      ]),
    );
    expect(messages.a1).toMatchObject({
      text: 'Answer',
      thoughts: 'I think\n"so"',
      toolCalls: [{ id: 't1', name: 'search', arguments: '{"q":1}' }],
    });
    expect(messages.a2).toMatchObject({ text: 'Out', thoughts: 'Newer\n\nIt broke.', status: 'interrupted' });
    expect(messages.a3).toMatchObject({ text: '', thoughts: 'Open', status: 'interrupted' });
    expect(notes).toEqual(['output of an unknown kind: dance']);
  });

  it('keeps pictures, files and sources', () => {
    const { messages } = parse(
      row([
        message(
          'q1',
          null,
          'user',
          [
            { type: 'text', text: 'See' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
          {
            files: [
              { type: 'image', url: '/api/v1/files/f1/content' },
              { type: 'file', name: 'a.txt', file: { data: { content: 'Inner' } } },
            ],
          },
        ),
        message('a1', 'q1', 'assistant', 'Yes', {
          sources: [
            {
              source: { name: 'Site', url: 'https://a.example/' },
              metadata: [{ source: 'https://b.example/' }],
            },
          ],
        }),
      ]),
    );
    expect(messages.q1).toMatchObject({
      text: 'See',
      files: [
        { name: 'Picture', source: { kind: 'data', url: 'data:image/png;base64,AA==' } },
        { name: 'image', source: { kind: 'archive', id: 'f1' } },
        { name: 'a.txt', source: { kind: 'text', text: 'Inner' } },
      ],
    });
    expect(messages.a1?.sources.map(({ url }) => url)).toEqual(['https://a.example/', 'https://b.example/']);
  });

  it('of an old file is the document itself, in milliseconds, or only a list', () => {
    const { chat } = row([message('q1', null, 'user', 'One?')]);
    expect(parse({ ...(chat as Fields), timestamp: 1_772_323_200_123 }).chat).toMatchObject({
      title: 'Inner',
      createdAtMs: 1_772_323_200_123,
    });
    expect(
      parse({
        id: 'c',
        chat: {
          messages: [
            { role: 'user', content: 'One?' },
            { role: 'assistant', content: 'One.' },
          ],
        },
      }).outline,
    ).toEqual(['message-0< Q One?', 'message-1<message-0 A One.']);
  });
});

describe('a conversation of LibreChat', () => {
  const root = '00000000-0000-0000-0000-000000000000';
  const message = (messageId: string, parentMessageId: string, text: string, more: object = {}) => ({
    messageId,
    parentMessageId,
    text,
    isCreatedByUser: messageId.startsWith('q'),
    model: messageId.startsWith('q') ? null : 'gpt-4o',
    createdAt: '2026-03-01T10:00:00.000Z',
    ...more,
  });
  const flat = [
    message('q1', root, 'One?'),
    message('a1', 'q1', '', {
      content: [
        { type: 'think', think: { value: 'Hm' } },
        { type: 'text', text: { value: 'One.' } },
      ],
    }),
    message('a2', 'q1', ':::thinking\nOld\n:::\nUno.', { finish_reason: 'length' }),
  ];
  const outline = ['q1< Q One?', 'a1<q1 A One.', 'a2<q1 A Uno.'];

  it('is the same flat and nested', () => {
    const tree = [{ ...flat[0], children: flat.slice(1) }];
    const lists = [
      { messages: flat, branches: true },
      { messagesTree: tree, recursive: true },
    ];
    for (const list of lists) {
      const parsed = parse({ conversationId: 'c1', title: 'A', ...list });
      expect(parsed.outline).toEqual(outline);
      expect(parsed.messages.a1).toMatchObject({ thoughts: 'Hm', model: 'gpt-4o' });
      expect(parsed.messages.a2).toMatchObject({ thoughts: 'Old', finishReason: 'length' });
    }
  });

  it('nested ten thousand deep is read', () => {
    let tree: object[] = [];
    for (let index = 9999; index >= 0; index -= 1)
      tree = [{ ...message(`q${index}`, index === 0 ? root : `q${index - 1}`, `${index}`), children: tree }];
    expect(parse({ conversationId: 'c1', messagesTree: tree }).chat?.messages).toHaveLength(10_000);
  });

  it('keeps calls, files and errors', () => {
    const { messages, notes } = parse({
      conversationId: 'c1',
      messages: [
        message('a1', root, '', {
          unfinished: true,
          content: [
            { type: 'tool_call', tool_call: { id: 't', name: 'search', args: { q: 1 } } },
            { type: 'image_file', image_file: { file_id: 'f1', filename: 'a.png' } },
            { type: 'error', error: 'It broke.' },
            { type: 'agent_update' },
            { type: 'opera' },
          ],
        }),
      ],
    });
    expect(messages.a1).toMatchObject({
      toolCalls: [{ id: 't', name: 'search', arguments: '{"q":1}' }],
      files: [{ name: 'a.png', source: { kind: 'archive', id: 'f1' } }],
      thoughts: 'It broke.',
      status: 'interrupted',
    });
    expect(notes).toEqual(['part of an unknown kind: opera']);
  });
});

describe('a conversation of chat-ui', () => {
  const message = (id: string, from: string, content: string, more: object = {}) => ({
    id,
    from,
    content,
    ...more,
  });

  it('takes the last ancestor as the parent', () => {
    const { outline, messages } = parse({
      _id: 'abc',
      title: 'A',
      model: 'm1',
      createdAt: '2026-03-01T10:00:00.000Z',
      messages: [
        message('s', 'system', '', { ancestors: [], children: ['q1'] }),
        message('q1', 'user', 'One?', { ancestors: ['s'] }),
        message('a1', 'assistant', '<think>Hm</think>One.', { ancestors: ['s', 'q1'], interrupted: true }),
        message('a2', 'assistant', 'Uno.', {
          ancestors: ['s', 'q1'],
          reasoning: 'Ja',
          routerMetadata: { model: 'm2' },
        }),
      ],
    });
    expect(outline).toEqual(['q1< Q One?', 'a1<q1 A One.', 'a2<q1 A Uno.']);
    expect(messages.a1).toMatchObject({ thoughts: 'Hm', model: 'm1', status: 'cancelled' });
    expect(messages.a2).toMatchObject({ thoughts: 'Ja', model: 'm2' });
  });

  it('without ancestors is a chain, and files that every message names belong to the first', () => {
    const files = ['file-abc-00112233.png'];
    const { outline, messages, notes } = parse({
      _id: 'abc',
      messages: [message('q1', 'user', 'One?', { files }), message('a1', 'assistant', 'One.', { files })],
    });
    expect(outline).toEqual(['q1< Q One?', 'a1<q1 A One.']);
    expect([messages.q1?.files, messages.a1?.files]).toEqual([
      [{ name: files[0], source: { kind: 'archive', id: files[0] } }],
      [],
    ]);
    expect(notes).toHaveLength(1);
  });
});
