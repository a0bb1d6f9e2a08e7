/** Files reach the provider byte for byte, as text where any server can read it and as parts where not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf, type ProviderFile } from './contentParts.ts';

const text = (name: string, content: string): ProviderFile => ({
  name,
  mediaType: 'text/plain',
  bytes: Buffer.from(content),
});
const picture: ProviderFile = { name: 'a.png', mediaType: 'image/png', bytes: Buffer.from('png') };
const pdf: ProviderFile = { name: 'a.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF') };

describe('text files', () => {
  test('follow the message under their names, so that the whole is a string', () => {
    expect(contentOf({ content: 'Count.', files: [text('a.csv', 'x,y\n1,2\n'), text('b', 'end')] })).toBe(
      'Count.\n\na.csv:\n```csv\nx,y\n1,2\n```\n\nb:\n```\nend\n```',
    );
  });

  test('of the project come first', () => {
    expect(contentOf({ content: 'Hello', filesBefore: [text('rules.md', 'Be short.')] })).toBe(
      'rules.md:\n```md\nBe short.\n```\n\nHello',
    );
  });

  test('are all that is sent where there is no message', () => {
    expect(contentOf({ content: '', files: [text('a.txt', 'alone')] })).toBe('a.txt:\n```txt\nalone\n```');
  });

  test('are byte-equal inside a fence that they cannot end', () => {
    const awkward = fc.string({
      unit: fc.constantFrom('`', '\n', '\r', 'a', '~', '\ufeff', '€'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(awkward, (content) => {
        const sent = contentOf({ content: 'Q', files: [text('f.txt', content)] });
        const [, fence = '', body = ''] = /^Q\n\nf\.txt:\n(`+)txt\n(.*)\n\1$/s.exec(String(sent)) ?? [];
        expect([content, `${content}`.replace(/\n$/, '')]).toContain(body);
        expect(content).not.toContain(fence);
      }),
    );
  });
});

describe('pictures and PDFs', () => {
  test('are parts after the text', () => {
    expect(contentOf({ content: 'Look', files: [picture, text('a.txt', 'x'), pdf] })).toEqual([
      { type: 'text', text: 'Look\n\na.txt:\n```txt\nx\n```' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,cG5n' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
    ]);
  });

  test('of the project come first, each time in the same bytes', () => {
    expect(contentOf({ content: 'Look', filesBefore: [pdf, text('a.txt', 'x')] })).toEqual([
      { type: 'text', text: 'a.txt:\n```txt\nx\n```' },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
      { type: 'text', text: 'Look' },
    ]);
  });

  test('need no text', () => {
    expect(contentOf({ content: '', files: [picture] })).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,cG5n' } },
    ]);
  });
});
