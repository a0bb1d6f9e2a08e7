import { describe, expect, it } from 'vitest';
import { chatTitle } from './chatTitle.ts';

describe('chatTitle', () => {
  it('is a short message as it is', () => {
    expect(chatTitle('Why is the sky blue?')).toBe('Why is the sky blue?');
  });

  it('is the first line that has text, without markdown signs', () => {
    expect(chatTitle('\n\n## **Plan** a trip\nwith details')).toBe('Plan a trip');
    expect(chatTitle('```ts\nconst a = 1;\n```')).toBe('const a = 1;');
  });

  it('cuts a long line at a word and says so', () => {
    const title = chatTitle(`${'word '.repeat(30)}end`);
    expect(title).toBe(`${'word '.repeat(12).trim()}…`);
  });

  it('never cuts a character in two', () => {
    expect(chatTitle('🦊'.repeat(80))).toBe(`${'🦊'.repeat(60)}…`);
  });

  it('is empty for a message without text', () => {
    expect(chatTitle(' \n ```\n')).toBe('');
  });
});
