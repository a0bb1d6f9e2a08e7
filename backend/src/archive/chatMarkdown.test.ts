/** Tests a chat as Markdown: what each message says, and that no message can take the next one into its code. */
import { sampleChat, sampleMessage, sampleUserMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chatMarkdown, closeFence } from './chatMarkdown.ts';

it('has front matter, a heading with role, model and time for each message, and its text', () => {
  const chat = sampleChat({ title: 'A "quoted"\ntitle' });
  const question = { ...sampleUserMessage('Why?'), createdAtMs: 0 };
  const answer = sampleMessage({
    content: '```js\nlet a;',
    model: 'demo/quick',
    status: 'completed',
    reasoning: 'Well.\nYes.',
    annotations: [{ url: 'https://a.example/', title: 'A [b]' }],
    createdAtMs: 1000,
  });
  const text = [...chatMarkdown({ chat, messages: [question, answer] })].join('');
  expect(text).toContain('---\ntitle: "A \\"quoted\\"\\ntitle"\n');
  expect(text).toContain('models: ["demo/quick"]');
  expect(text).toContain('\n## You · 1970-01-01T00:00:00Z\n\nWhy?\n');
  expect(text).toContain('\n## demo/quick · 1970-01-01T00:00:01Z\n\n> Well.\n> Yes.\n\n```js\nlet a;\n```\n');
  expect(text).toContain('- [A \\[b\\]](<https://a.example/>)');
});

it.each([
  ['a closed fence', '```\na\n```', '```\na\n```'],
  ['an open fence', '```\na', '```\na\n```'],
  ['an open fence of tildes with a shorter one in it', '~~~~\n~~~', '~~~~\n~~~\n~~~~'],
  ['marks in the middle of a line', 'a ``` b', 'a ``` b'],
  ['a line that only looks like an end', '```\n``` js', '```\n``` js\n```'],
])('leaves no fence open after %s', (_what, text, closed) => {
  expect(closeFence(text)).toBe(closed);
});

it('closes whatever is open once and for all', () => {
  const line = fc.constantFrom('```', '````', '~~~', '``` js', 'text', '   ```', '    ```', '');
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const closed = closeFence(lines.join('\n'));
      expect(closeFence(closed)).toBe(closed);
    }),
  );
});
