import { describe, expect, it } from 'vitest';
import {
  answer,
  conversation,
  node,
  outline,
  parseNodes,
  root,
  startS,
  tool,
  user,
} from './chatGptTestBench.ts';
import { parseChatGpt } from './parseChatGpt.ts';

const twoTurns = [
  root(),
  user('q1', 'client-created-root', 'One?'),
  answer('a1', 'q1', 'One.', { metadata: { model_slug: 'gpt-4o' } }),
  user('q2', 'a1', 'Two?'),
  answer('a2', 'q2', 'Two.'),
];
const plain = ['q1< Q One?', 'a1<q1 A One.', 'q2<a1 Q Two?', 'a2<q2 A Two.'];

describe('a conversation of ChatGPT', () => {
  it('is read with its title, times, models and the branch that was shown', () => {
    const { chat, notes } = parseNodes(twoTurns);
    expect(chat).toMatchObject({
      product: 'chatgpt',
      id: 'c1',
      title: 'A title',
      createdAtMs: startS * 1000,
      updatedAtMs: startS * 1000 + 60_500,
      leafId: 'a2',
      archivedAtMs: null,
      pinnedAtMs: null,
    });
    expect(outline(chat)).toEqual(plain);
    expect(chat?.messages.map(({ model }) => model)).toEqual([null, 'openai/gpt-4o', null, 'openai/gpt-5']);
    expect(notes).toEqual([]);
  });

  it.each<[string, object]>([
    ['without a title', { title: null }],
    ['without a current node', { current_node: undefined }],
    ['with a current node that is not there', { current_node: 'gone' }],
    ['with one id only', { id: undefined }],
    ['with nodes in another order', { mapping: Object.fromEntries(twoTurns.toReversed()) }],
    ['without a root', { mapping: Object.fromEntries(twoTurns.slice(1)) }],
  ])('%s has all of its messages', (_, more) => {
    const { chat } = parseNodes(twoTurns, more);
    expect([outline(chat), chat?.leafId, chat?.id]).toEqual([plain, 'a2', 'c1']);
  });

  it.each<[string, unknown]>([
    ['an empty mapping', {}],
    ['no mapping', undefined],
    ['a mapping of null', null],
  ])('with %s has nothing to show', (_, mapping) => {
    expect(parseNodes([], { mapping })).toMatchObject({ id: 'c1', chat: null, notes: [] });
  });

  it('keeps edits and retries as branches, in their order', () => {
    const { chat } = parseNodes(
      [
        root(),
        user('edit2', 'client-created-root', 'Second', { timeS: startS + 2 }),
        user('edit1', 'client-created-root', 'First', { timeS: startS + 1 }),
        answer('retry1', 'edit2', 'A', { timeS: startS + 3 }),
        answer('retry2', 'edit2', 'B', { timeS: startS + 4 }),
        user('edit3', 'client-created-root', 'Third', { timeS: startS + 5 }),
        answer('a1', 'edit1', 'C', { timeS: startS + 6 }),
      ],
      { current_node: 'retry1' },
    );
    expect(outline(chat)).toEqual([
      'edit1< Q First',
      'a1<edit1 A C',
      'edit2< Q Second',
      'retry1<edit2 A A',
      'retry2<edit2 A B',
      'edit3< Q Third',
    ]);
    expect(chat?.leafId).toBe('retry1');
  });

  it('takes the order of siblings from the parent that declares it', () => {
    const { chat } = parseNodes([
      ['r', { id: 'r', message: null, parent: null, children: ['late', 'early'] }],
      user('early', 'r', 'Early', { timeS: startS }),
      user('late', 'r', 'Late', { timeS: startS + 9 }),
    ]);
    expect(outline(chat)).toEqual(['late< Q Late', 'early< Q Early']);
  });

  it('hangs what follows something that is left out below what is kept above', () => {
    const { chat, notes } = parseNodes([
      root(),
      node('s', { parent: 'client-created-root', role: 'system', text: 'System', timeS: null }),
      node('u', {
        parent: 's',
        content: { content_type: 'user_editable_context', user_profile: 'x', user_instructions: 'y' },
      }),
      user('q1', 'u', 'One?'),
      ['empty', { id: 'empty', message: null, parent: 'q1' }],
      node('s2', { parent: 'empty', role: 'system', text: 'Again' }),
      answer('hidden', 's2', 'Hidden', { metadata: { is_visually_hidden_from_conversation: true } }),
      answer('weightless', 'hidden', '', { more: { weight: 0 } }),
      answer('a1', 'weightless', 'One.'),
      ['null', { id: 'null', message: { content: null, author: { role: 'assistant' } }, parent: 'a1' }],
      user('q2', 'null', 'Two?'),
    ]);
    expect(outline(chat)).toEqual(['q1< Q One?', 'a1<q1 A One.', 'q2<a1 Q Two?']);
    expect(notes).toEqual([]);
  });

  it('keeps what weighed nothing for the model, apart from what did, and out of the context', () => {
    const { chat, notes } = parseNodes([
      user('q0', null, 'First try?', { more: { weight: 0 } }),
      user('q1', 'q0', 'One?'),
      answer('thought', 'q1', '', {
        content: { content_type: 'thoughts', thoughts: [{ content: 'Unseen.' }] },
        more: { weight: 0 },
      }),
      answer('a0', 'thought', 'Half an answer', { more: { weight: 0 } }),
      answer('a1', 'a0', 'One.'),
      answer('a2', 'a1', 'More of it.'),
    ]);
    expect(outline(chat)).toEqual([
      'q0< Q First try?',
      'q1<q0 Q One?',
      'a0<q1 A Half an answer',
      'a1<a0 A One.\n\nMore of it.',
    ]);
    expect(chat?.messages.map(({ isKeptOut }) => isKeptOut)).toEqual([true, undefined, true, undefined]);
    expect(notes).toEqual([]);
  });

  it.each<[string, object, string | undefined, string[]]>([
    ['of a project', { gizmo_id: 'g-p-67ab', gizmo_type: 'snorlax' }, 'g-p-67ab', []],
    ['of a project as a template', { conversation_template_id: 'g-p-67ab', gizmo_id: null }, 'g-p-67ab', []],
    [
      'with a custom GPT',
      { gizmo_id: 'g-12cd', gizmo_type: 'gpt' },
      undefined,
      ['custom GPT of which the export has neither name nor instructions: g-12cd'],
    ],
    ['with an id of another kind', { gizmo_id: 7, conversation_template_id: 'x' }, undefined, []],
  ])('%s says so', (_, more, projectId, expected) => {
    const { chat, notes } = parseNodes(twoTurns, more);
    expect([chat?.projectId, notes]).toEqual([projectId, expected]);
  });

  it('keeps several beginnings, and those whose parent is gone', () => {
    const { chat } = parseNodes([
      user('q1', null, 'One?'),
      user('q2', 'gone', 'Two?'),
      answer('a2', 'q2', 'Two.'),
    ]);
    expect(outline(chat)).toEqual(['q1< Q One?', 'q2< Q Two?', 'a2<q2 A Two.']);
  });

  it('breaks cycles of links, and reports it', () => {
    const { chat, notes } = parseNodes([
      user('q1', 'a1', 'One?'),
      answer('a1', 'q1', 'One.'),
      user('alone', 'alone', 'Own parent'),
    ]);
    expect(outline(chat)).toEqual(['q1< Q One?', 'a1<q1 A One.', 'alone< Q Own parent']);
    expect(notes).toEqual(['link that led in a circle and was cut (2 times)']);
  });

  it('dates a message without a time one millisecond after its parent, and never before it', () => {
    const { chat } = parseNodes([
      user('q1', null, '1', { timeS: startS + 0.123456789 }),
      answer('a1', 'q1', '2', { timeS: null }),
      user('q2', 'a1', '3', { timeS: startS - 100 }),
    ]);
    const firstMs = startS * 1000 + 123;
    expect(chat?.messages.map(({ createdAtMs }) => createdAtMs)).toEqual([firstMs, firstMs + 1, firstMs + 1]);
  });

  it('joins the rows of one answer, and neither turns nor versions', () => {
    const { chat } = parseNodes([
      user('q1', null, 'One?'),
      answer('a1', 'q1', 'First part.'),
      answer('a2', 'a1', ''),
      answer('a3', 'a2', 'Second part.'),
      user('q2', 'a3', 'Two?'),
      answer('b1', 'q2', 'Before.'),
      answer('b2', 'b1', 'One way.'),
      answer('b3', 'b1', 'Another way.'),
    ]);
    expect(outline(chat)).toEqual([
      'q1< Q One?',
      'a1<q1 A First part.\n\nSecond part.',
      'q2<a1 Q Two?',
      'b1<q2 A Before.',
      'b2<b1 A One way.',
      'b3<b1 A Another way.',
    ]);
  });

  it('keeps thinking with the answer that follows it', () => {
    const thoughts = {
      content_type: 'thoughts',
      thoughts: [{ summary: 'Plan', content: 'Think.' }, { summary: 'Only' }],
    };
    const { chat } = parseNodes([
      user('q1', null, 'One?'),
      answer('t1', 'q1', '', { content: thoughts }),
      answer('r1', 't1', '', { content: { content_type: 'reasoning_recap', content: 'Thought for 54s' } }),
      answer('c1', 'r1', 'Looking it up.', { more: { channel: 'commentary' } }),
      answer('a1', 'c1', 'One.', { more: { channel: 'final' } }),
    ]);
    expect(chat?.messages[1]).toMatchObject({
      id: 'a1',
      text: 'One.',
      thoughts: '**Plan**\n\nThink.\n\nOnly\n\nLooking it up.',
    });
  });

  it('keeps thinking to which no answer came', () => {
    const content = { content_type: 'thoughts', thoughts: [{ content: 'Think.' }] };
    const { chat } = parseNodes([
      user('q1', null, 'One?'),
      answer('t1', 'q1', '', { content }),
      user('q2', 't1', 'Two?'),
      answer('t2', 'q2', '', { content }),
    ]);
    expect(chat?.messages.map(({ id, parentId, thoughts }) => [id, parentId, thoughts])).toEqual([
      ['q1', null, ''],
      ['t1', 'q1', 'Think.'],
      ['q2', 't1', ''],
      ['t2', 'q2', 'Think.'],
    ]);
  });

  it('keeps code that was run with the thinking, a canvas and pictures with the answer', () => {
    const { chat } = parseNodes([
      user('q1', null, 'Draw.'),
      answer('code', 'q1', '', {
        content: { content_type: 'code', language: 'unknown', text: 'print(1)' },
        more: { recipient: 'python' },
      }),
      tool('out', 'code', { content_type: 'execution_output', text: '1' }),
      answer('search', 'out', '', {
        content: { content_type: 'code', text: 'search()' },
        more: { recipient: 'web.run' },
      }),
      tool('page', 'search', { content_type: 'sonic_webpage', text: 'Page' }),
      answer('canvas', 'page', '', {
        content: {
          content_type: 'code',
          text: JSON.stringify({ name: 'A page', type: 'code/html', content: '<p>' }),
        },
        more: { recipient: 'canmore.create_textdoc' },
      }),
      tool('picture', 'canvas', {
        content_type: 'multimodal_text',
        parts: [
          {
            content_type: 'image_asset_pointer',
            asset_pointer: 'sediment://file_0a1b#p_0.png',
            width: 1,
            height: 1,
          },
        ],
      }),
      answer('a1', 'picture', 'Here.'),
    ]);
    expect(chat?.messages[1]).toMatchObject({
      id: 'a1',
      text: '**A page**\n\n```html\n<p>\n```\n\nHere.',
      thoughts: '```python\nprint(1)\n```\n\n```text\n1\n```',
      files: [{ name: 'file_0a1b', source: { kind: 'archive', id: 'file_0a1b' } }],
    });
  });

  it('keeps uploads with their names, once each, and the words of a voice chat', () => {
    const { chat, notes } = parseNodes([
      user('q1', null, '', {
        content: {
          content_type: 'multimodal_text',
          parts: [
            { content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-AbC' },
            { content_type: 'audio_transcription', text: 'Spoken words', direction: 'in' },
            {
              content_type: 'real_time_user_audio_video_asset_pointer',
              audio_asset_pointer: { asset_pointer: 'sediment://file_9' },
            },
            { content_type: 'hologram', data: 1 },
            null,
            'Typed words',
          ],
        },
        metadata: {
          attachments: [
            { id: 'file-AbC', name: 'photo.png', size: 3 },
            { id: 'file-Doc', name: 'a.pdf' },
          ],
        },
      }),
    ]);
    expect(chat?.messages[0]).toMatchObject({
      text: 'Spoken words\nTyped words',
      files: [
        { name: 'photo.png', source: { kind: 'archive', id: 'file-AbC' } },
        { name: 'file_9', source: { kind: 'archive', id: 'file_9' } },
        { name: 'a.pdf', source: { kind: 'archive', id: 'file-Doc' } },
      ],
    });
    expect(notes).toEqual(['part of an unknown kind: hologram']);
  });

  it('reports what it does not know, once for each kind', () => {
    const { chat, notes } = parseNodes([
      user('q1', null, 'One?'),
      answer('x1', 'q1', '', { content: { content_type: 'super_widget' } }),
      answer('x2', 'x1', '', { content: { content_type: 'super_widget' } }),
      answer('a1', 'x2', '', { content: { content_type: 'text', parts: [null] } }),
    ]);
    expect(outline(chat)).toEqual(['q1< Q One?']);
    expect(notes).toEqual(['message of an unknown kind: super_widget (2 times)']);
  });

  it('reads how an answer ended', () => {
    const { chat } = parseNodes([
      user('q1', null, 'One?'),
      answer('a1', 'q1', '1', { metadata: { finish_details: { type: 'max_tokens' } } }),
      user('q2', 'a1', 'Two?'),
      answer('a2', 'q2', '2', { metadata: { finish_details: { type: 'interrupted' } } }),
      user('q3', 'a2', 'Three?'),
      answer('a3', 'q3', '3', { more: { status: 'in_progress' } }),
    ]);
    const answers = chat?.messages.filter(({ role }) => role === 'assistant') ?? [];
    expect(answers.map(({ status, finishReason }) => [status, finishReason])).toEqual([
      ['completed', 'length'],
      ['cancelled', null],
      ['interrupted', null],
    ]);
  });

  it('keeps archived and pinned', () => {
    const { chat } = parseNodes(twoTurns, { is_archived: true, is_starred: true });
    expect([chat?.archivedAtMs, chat?.pinnedAtMs]).toEqual([chat?.updatedAtMs, chat?.updatedAtMs]);
  });

  it('survives keys that every object inherits', () => {
    const mapping = JSON.parse(
      '{"__proto__":{"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["A"]}},"parent":"constructor"},"constructor":{"message":null,"parent":"toString"}}',
    ) as object;
    const { chat } = parseNodes([], { mapping, current_node: '__proto__' });
    expect(outline(chat)).toEqual(['__proto__< Q A']);
    expect(Object.hasOwn(Object.prototype, 'message')).toBe(false);
  });

  it('of many thousand messages in the worst order is read in linear time', () => {
    const count = 40_000;
    const nodes = Array.from({ length: count }, (_, index) => {
      const make = index % 2 === 0 ? user : answer;
      return make(`n${index}`, index === 0 ? null : `n${index - 1}`, `Text ${index}`);
    });
    const startedMs = performance.now();
    const { chat } = parseNodes(nodes.toReversed(), { current_node: `n${count - 1}` });
    expect([chat?.messages.length, chat?.leafId]).toEqual([count, `n${count - 1}`]);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it('does not multiply what waits for many answers', () => {
    const thoughts = { content_type: 'thoughts', thoughts: [{ content: 'x'.repeat(100_000) }] };
    const { chat } = parseNodes([
      answer('t', null, '', { content: thoughts }),
      ...Array.from({ length: 1000 }, (_, index) => answer(`a${index}`, 't', `${index}`)),
    ]);
    const length = (chat?.messages ?? []).reduce((sum, message) => sum + message.thoughts.length, 0);
    expect([chat?.messages.length, length]).toEqual([1000, 100_000]);
  });

  it('without any id has the same one each time', () => {
    const nameless = conversation(twoTurns, { id: undefined, conversation_id: undefined });
    const [first, second] = [1, 2].map((fallbackTimeMs) => parseChatGpt(nameless, { fallbackTimeMs }));
    expect(first?.id).toMatch(/^sha256:/);
    expect(first?.id).toBe(second?.id);
  });
});
