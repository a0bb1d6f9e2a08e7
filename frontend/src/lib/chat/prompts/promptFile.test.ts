import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPromptFile, writePromptFile } from './promptFile.ts';

test('a file is plain Markdown', () => {
  const prompts = [
    { name: 'Explain', content: 'Explain {{topic}}.', project: null },
    { name: 'Review', content: 'Review:\n\n````ts\n{{code}}\n````', project: 'Work' },
  ];
  const text = writePromptFile(prompts);
  expect(text).toBe(
    '# Explain\n\n````prompt\nExplain {{topic}}.\n````\n\n# Review\n\nProject: Work\n\n`````prompt\nReview:\n\n````ts\n{{code}}\n````\n`````\n',
  );
  expect(readPromptFile(text, 'prompts.md')).toEqual(prompts);
});

test('any text is read back exactly as it was written', () => {
  const part = fc.constantFrom(
    '`',
    '````',
    '````prompt',
    '{{',
    '/',
    '# a',
    'Project: x',
    '\n',
    '\r\n',
    ' ',
    'ü',
    '<b>',
  );
  const content = fc
    .array(fc.oneof(part, fc.string()), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join(''));
  const prompt = fc.record({
    name: fc.constantFrom('One', 'Two words', 'Größe'),
    content: content.filter((text) => text !== ''),
    project: fc.constantFrom(null, 'Work'),
  });
  fc.assert(
    fc.property(fc.array(prompt, { minLength: 1, maxLength: 4 }), (prompts) => {
      expect(readPromptFile(writePromptFile(prompts), 'x.md')).toEqual(prompts);
    }),
  );
});

test('any other Markdown file is one prompt, named by its heading or its file', () => {
  const text = 'Some words\n\n## A heading\n\n```\ncode\n```\n';
  expect(readPromptFile(text, 'mine.md')).toEqual([{ name: 'A heading', content: text, project: null }]);
  expect(readPromptFile('Just words', 'mine.md')).toEqual([
    { name: 'mine', content: 'Just words', project: null },
  ]);
  expect(readPromptFile(' \n', 'mine.md')).toEqual([]);
});
