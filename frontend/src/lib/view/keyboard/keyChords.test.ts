import { describe, expect, it } from 'vitest';
import { chordsOf, isChosenChord, KeyLetters, type KeyPress } from './keyChords.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('chordsOf', () => {
  it('names keys with Ctrl and with Cmd alike', () => {
    const letters = new KeyLetters();
    expect(chordsOf(press('O', { ctrlKey: true, shiftKey: true }), letters)).toEqual(['Mod+Shift+O']);
    expect(chordsOf(press('o', { metaKey: true, shiftKey: true }), letters)).toEqual(['Mod+Shift+O']);
    expect(chordsOf(press('k', { ctrlKey: true, metaKey: true }), letters)).toEqual([]);
    expect(chordsOf(press('Escape', { shiftKey: true }), letters)).toEqual(['Shift+Escape']);
    expect(chordsOf(press(' ', { ctrlKey: true }), letters)).toEqual(['Mod+Space']);
  });

  it('finds a letter behind Alt on a Mac by what was typed with its key', () => {
    const letters = new KeyLetters();
    const altO = press('®', { altKey: true, code: 'KeyO' });
    expect(chordsOf(altO, letters)[0]).toBe('Alt+O');
    // A Dvorak keyboard writes an r there.
    letters.note(press('r', { code: 'KeyO' }));
    expect(chordsOf(altO, letters)[0]).toBe('Alt+R');
    expect(chordsOf(press('Dead', { altKey: true, code: 'KeyN' }), letters)).toEqual(['Alt+N']);
  });
});

describe('isChosenChord', () => {
  it.each([
    'Mod+K',
    'Mod+Shift+:',
    'Alt+ArrowUp',
    'F2',
    'Shift+F10',
    'Shift+Escape',
    'Mod++',
    'Mod+Ö',
    'Alt+1',
  ])('accepts %s', (chord) => expect(isChosenChord(chord)).toBe(true));

  it.each([
    '',
    'K',
    'Shift+K',
    'Enter',
    'Tab',
    'ArrowUp',
    'Mod+',
    'Mod+k',
    'Shift+Mod+K',
    'Ctrl+K',
    'Mod+K K',
    'Mod+\n',
  ])('refuses %j', (chord) => expect(isChosenChord(chord)).toBe(false));
});
