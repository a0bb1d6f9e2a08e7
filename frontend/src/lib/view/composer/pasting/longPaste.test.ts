import { describe, expect, it } from 'vitest';
import { type Draft, DraftField } from './draftField.svelte.ts';
import { countLines, isLongPaste, pasteName } from './longPaste.ts';

describe('a long paste', () => {
  it.each([
    ['2,000 characters', 'a'.repeat(2000), false],
    ['2,001 characters', 'a'.repeat(2001), true],
    ['40 lines', 'a\n'.repeat(39), false],
    ['41 lines', 'a\n'.repeat(40), true],
  ])('of %s', (_name, text, isLong) => {
    expect(isLongPaste(text)).toBe(isLong);
  });

  it('is named by its first words', () => {
    expect(pasteName('\n\n  Error: no\n route\tto host')).toBe('Error: no route to host');
    expect(pasteName(`one two three four five six seven eight nine ten`)).toBe(
      'one two three four five six seven eight…',
    );
    expect(pasteName('x'.repeat(5000))).toBe(`${'x'.repeat(40)}…`);
    // Even in an element of its own direction, the first of these would end that direction.
    expect(pasteName('Read\u2069 \u202ethis')).toBe('Read this');
  });

  it('knows its lines', () => {
    expect(countLines('a\nb\n')).toBe(3);
    expect(countLines('a\nb\nc\nd', 2)).toBe(2);
  });
});

describe('a draft with pasted texts', () => {
  const megabyte = '0123456789abcdef\n'.repeat(61_681);

  function setUp(text = '') {
    const chat: Draft = { draft: text };
    return { chat, field: new DraftField(() => chat) };
  }

  it('is one text, whatever is shown as a chip', () => {
    const { chat, field } = setUp('What is wrong here?');
    field.addPaste(megabyte);
    expect(field.text).toBe('What is wrong here?');
    expect(chat.draft).toBe(`What is wrong here?\n\n${megabyte}`);
    field.text = 'What is this?';
    expect(chat.draft).toBe(`What is this?\n\n${megabyte}`);
  });

  it('is exact again after Undo', () => {
    const { chat, field } = setUp('  What is wrong here? ');
    field.addPaste(megabyte, '  What here? ');
    expect(field.undo()).toBe(true);
    expect(chat.draft).toBe('  What is wrong here? ');
    expect(field.pastes).toEqual([]);
    expect(field.undo()).toBe(false);
  });

  it('leaves Undo to the browser once more was written', () => {
    const { field } = setUp('What?');
    field.addPaste(megabyte);
    field.text = 'What? And';
    expect(field.undo()).toBe(false);
  });

  it('has the pasted text in its field on request, and back as a chip after Undo', () => {
    const { chat, field } = setUp('What?');
    field.addPaste('first');
    field.addPaste('second');
    const whole = chat.draft;
    field.showInField(1);
    expect(field.text).toBe('What?\n\nfirst');
    expect(field.pastes.map(({ text }) => text)).toEqual(['second']);
    expect(chat.draft).toBe(whole);
    expect(field.undo()).toBe(true);
    expect(field.pastes.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  it('gets a chip back that was removed', () => {
    const { chat, field } = setUp();
    field.addPaste('kept');
    field.removePaste(1);
    expect(chat.draft).toBe('');
    field.undo();
    expect(chat.draft).toBe('kept');
    expect(field.pastes).toHaveLength(1);
  });

  it('that was written elsewhere has no chips', () => {
    const { chat, field } = setUp('What?');
    field.addPaste('pasted');
    chat.draft = 'Something else';
    expect(field.text).toBe('Something else');
    expect(field.pastes).toEqual([]);
  });
});
