import { describe, expect, it } from 'vitest';
import type { TranscriptItem } from '../../chat/transcript/transcript.ts';
import { messageFixture } from '../message/messageFixtures.ts';
import { UnreadWords } from './unreadWords.ts';

const item = (key: string, content: string): TranscriptItem => ({
  type: 'answer',
  key,
  before: [],
  versionsBefore: [],
  message: messageFixture({ id: key, content }),
  siblings: [],
});

describe('UnreadWords', () => {
  it('counts what is added to the last answer after the reader left, at every cut', () => {
    const before = 'What was there. ';
    const added = 'Tides are long waves,\nraised by the Moon’s pull.';
    const words = new UnreadWords();
    expect(words.count([item('a', before)])).toBe(0);
    for (let end = 1; end <= added.length; end += 1) {
      const shown = added.slice(0, end);
      expect(words.count([item('a', before + shown)]), shown).toBe(shown.match(/[\p{L}’]+/gu)?.length ?? 0);
    }
  });

  it('counts all words of messages that follow it', () => {
    const words = new UnreadWords();
    words.count([item('a', 'one')]);
    expect(words.count([item('a', 'one two'), item('b', 'three four'), item('c', 'five')])).toBe(4);
  });

  it('begins again when the reader is back at the end, and when another branch is shown', () => {
    const words = new UnreadWords();
    words.count([item('a', 'one')]);
    words.reset();
    expect(words.count([item('a', 'one two three')])).toBe(0);
    expect(words.count([item('b', 'another answer')])).toBe(0);
    expect(words.count([item('b', 'another answer grows')])).toBe(1);
  });

  it('has nothing to count in an empty chat', () => {
    expect(new UnreadWords().count([])).toBe(0);
  });
});
