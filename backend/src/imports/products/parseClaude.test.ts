import { describe, expect, it } from 'vitest';
import type { Fields } from '../form/untrusted.ts';
import { parseOutline as parse } from './parseTestBench.ts';

/** The parent of a first message. */
const zeros = '00000000-0000-4000-8000-000000000000';

describe('a conversation of Claude', () => {
  const message = (uuid: string, sender: string, text: string, more: object = {}) => ({
    uuid,
    sender,
    text: 'This block is not supported.',
    content: text === '' ? [] : [{ type: 'text', text }],
    created_at: '2026-03-01T10:00:00.123456789Z',
    attachments: [],
    files: [],
    ...more,
  });
  const chat = (messages: readonly unknown[], more: object = {}): Fields => ({
    uuid: 'c1',
    name: 'A name',
    created_at: '2026-03-01T10:00:00Z',
    updated_at: '2026-03-01T11:00:00.5+00:00',
    account: { uuid: 'x' },
    chat_messages: messages,
    ...more,
  });

  it('of the old kind is a chain in the order of its list', () => {
    const { outline, chat: read } = parse(
      chat([
        message('q1', 'human', 'One?'),
        message('q2', 'human', 'And?'),
        message('a1', 'assistant', 'One.'),
      ]),
    );
    expect(outline).toEqual(['q1< Q One?', 'q2<q1 Q And?', 'a1<q2 A One.']);
    expect(read).toMatchObject({
      id: 'c1',
      title: 'A name',
      leafId: 'a1',
      createdAtMs: Date.UTC(2026, 2, 1, 10),
      updatedAtMs: Date.UTC(2026, 2, 1, 11, 0, 0, 500),
    });
    expect(read?.messages[0]?.createdAtMs).toBe(Date.UTC(2026, 2, 1, 10, 0, 0, 123));
  });

  it('keeps edits, retries and several roots, also below a message that is empty', () => {
    const { outline, chat: read } = parse(
      chat([
        message('q1', 'human', 'One?', { parent_message_uuid: zeros }),
        message('a1', 'assistant', 'One.', { parent_message_uuid: 'q1' }),
        message('a2', 'assistant', 'Uno.', { parent_message_uuid: 'q1' }),
        message('empty', 'assistant', '', { parent_message_uuid: 'q1', text: '' }),
        message('q2', 'human', 'Two?', { parent_message_uuid: 'empty' }),
        message('r2', 'human', 'Other?', { parent_message_uuid: 'gone' }),
      ]),
    );
    expect(outline).toEqual(['q1< Q One?', 'a1<q1 A One.', 'a2<q1 A Uno.', 'q2<q1 Q Two?', 'r2< Q Other?']);
    expect(read?.leafId).toBe('r2');
  });

  it('in the form of the API names its model and the branch that was shown', () => {
    const { chat: read, messages } = parse(
      chat(
        [
          message('q1', 'human', 'One?', { parent_message_uuid: zeros }),
          message('a1', 'assistant', 'One.', { parent_message_uuid: 'q1', stop_reason: 'max_tokens' }),
          message('a2', 'assistant', 'Uno.', { parent_message_uuid: 'q1' }),
        ],
        { model: 'claude-x', is_starred: true, current_leaf_message_uuid: 'a1' },
      ),
    );
    expect([read?.leafId, read?.pinnedAtMs !== null]).toEqual(['a1', true]);
    expect(messages.a1).toMatchObject({ model: 'anthropic/claude-x', finishReason: 'length' });
  });

  it('keeps thinking, documents, calls and sources, and no text of the platform', () => {
    const { messages, notes } = parse(
      chat([
        message('q1', 'human', '', {
          content: [
            { type: 'injected_prompt_block', prompt: 'Secret' },
            { type: 'text', text: 'Write.' },
          ],
        }),
        message('a1', 'assistant', '', {
          content: [
            { type: 'thinking', thinking: '', thinking_hidden: true, summaries: [{ summary: 'In short' }] },
            { type: 'text', text: 'Here', citations: [{ details: { url: 'https://a.example/' } }] },
            { type: 'tool_use', id: 't1', name: 'web_search', input: { query: 'x' } },
            { type: 'tool_result', tool_use_id: 't1', content: 'Result' },
            { type: 'tool_result', tool_use_id: 'gone', content: [{ type: 'text', text: 'x' }] },
            {
              type: 'tool_use',
              name: 'artifacts',
              input: {
                command: 'create',
                title: 'Code',
                type: 'application/vnd.ant.code',
                language: 'python',
                content: 'a = 1',
              },
            },
            { type: 'tool_use', name: 'create_file', input: { path: '/tmp/notes.md', file_text: '# Notes' } },
            { type: 'token_budget' },
            { type: 'quantum' },
          ],
        }),
        message(
          'a2',
          'assistant',
          '<antThinking>Old</antThinking>Text <antArtifact type="text/html" title="Page"><p></antArtifact>',
        ),
      ]),
    );
    expect(messages.q1?.text).toBe('Write.');
    expect(messages.a1).toMatchObject({
      thoughts: 'In short',
      text: 'Here\n\n**Code**\n\n```python\na = 1\n```\n\n**notes.md**\n\n# Notes',
      sources: [{ url: 'https://a.example/', title: '' }],
      toolCalls: [{ id: 't1', name: 'web_search', arguments: '{"query":"x"}' }],
    });
    expect(messages.a2).toMatchObject({ thoughts: 'Old' });
    expect(messages.a2?.text).toContain('**Page**\n\n```html\n<p>\n```');
    expect(notes).toEqual(['block of an unknown kind: quantum']);
  });

  it('keeps the flat text where it is all there is, and files once each', () => {
    const { messages } = parse(
      chat([
        message('q1', 'human', '', { text: 'Flat' }),
        message('q2', 'human', '', {
          text: '',
          attachments: [
            { file_name: '', extracted_content: 'Pasted' },
            { file_name: 'a.txt', extracted_content: 'Inner' },
          ],
          files: [
            { file_uuid: 'f1', file_name: 'b.png' },
            { file_uuid: 'f2', file_name: 'a.txt' },
          ],
          files_v2: [{ file_uuid: 'f1', file_name: 'b.png' }],
        }),
      ]),
    );
    expect(messages.q1?.text).toBe('Flat');
    expect(messages.q2?.files).toEqual([
      { name: 'Pasted text.txt', source: { kind: 'text', text: 'Pasted' } },
      { name: 'a.txt', source: { kind: 'text', text: 'Inner' } },
      { name: 'b.png', source: { kind: 'archive', id: 'f1' } },
    ]);
  });

  it('without messages has nothing to show', () => {
    expect(parse(chat([])).chat).toBeNull();
  });
});
