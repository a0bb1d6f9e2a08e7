import { describe, expect, it } from 'vitest';
import { chosenKeys, resetAllKeys, resetKeys, setKeys, setOff } from './changeKeys.ts';
import { commandIds, defaultKeys } from './defaultKeys.ts';
import { isChosenChord } from './keyChords.ts';
import { Keymap, type TypedPress } from './keymap.svelte.ts';
import { layouts, noCommands } from './layoutsTestBench.ts';

const press = ({ modifierAltGraph, ...init }: KeyboardEventInit): TypedPress => ({
  key: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  getModifierState: (name) => name === 'AltGraph' && modifierAltGraph === true,
  ...init,
});
const altX = press({ key: 'x', altKey: true });
const stored = (choices: unknown) => ({ value: JSON.stringify(choices) });

describe('the keys of commands', () => {
  it.each(
    Object.entries(layouts).flatMap(([name, keys]) =>
      Object.entries(keys).map((each) => [name, ...each] as const),
    ),
  )('on a %s keyboard, mean %s', (_layout, id, init) =>
    expect(new Keymap({ value: null }).find(press(init))).toBe(id),
  );

  it.each(Object.entries(noCommands))('are not %s', (_name, init) => {
    expect(new Keymap({ value: null }).find(press(init))).toBeNull();
  });

  it('are not what an input method is using', () => {
    const keymap = new Keymap({ value: null });
    expect(keymap.find(press({ key: 'Escape' }))).toBe('cancel');
    expect(keymap.find(press({ key: 'Escape', isComposing: true }))).toBeNull();
    expect(keymap.find(press({ key: 'Escape', keyCode: 229 }))).toBeNull();
  });

  it('are all different, and none is a letter or takes the key that reloads', () => {
    const keys = Object.values(defaultKeys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((each) => !isChosenChord(each))).toEqual(['ArrowUp', 'End']);
    expect(keys).not.toContain('Mod+R');
    expect(keys).not.toContain('Mod+Shift+I');
  });
});

describe('keys that were chosen', () => {
  it('go before those of another command, and outlive the page', () => {
    const storage = { value: null };
    const keymap = new Keymap(storage);
    setKeys(keymap, 'retry', 'Mod+K');
    for (const each of [keymap, new Keymap(storage)]) {
      expect(each.find(press({ key: 'k', ctrlKey: true }))).toBe('retry');
      expect(each.find(press({ key: 'r', altKey: true }))).toBeNull();
      expect(each.keysOf('open-palette')).toBeNull();
    }
    resetKeys(keymap, 'retry');
    expect(keymap.find(press({ key: 'k', ctrlKey: true }))).toBe('open-palette');
    expect(storage.value).toBeNull();
  });

  it('belong to one command at a time', () => {
    const keymap = new Keymap({ value: null });
    setKeys(keymap, 'retry', 'Alt+X');
    setKeys(keymap, 'continue', 'Alt+X');
    expect(keymap.find(altX)).toBe('continue');
    expect(keymap.keysOf('retry')).toBeNull();
    setKeys(keymap, 'undo', 'Alt+R');
    resetKeys(keymap, 'retry');
    expect([keymap.keysOf('retry'), keymap.keysOf('undo')]).toEqual(['Alt+R', 'Mod+Z']);
    setKeys(keymap, 'retry', null);
    expect(keymap.keysOf('retry')).toBeNull();
    resetAllKeys(keymap);
    for (const id of commandIds) expect(keymap.keysOf(id)).toBe(defaultKeys[id]);
  });

  it('are offered as the keys that are in use, so that a conflict shows on every layout', () => {
    const keymap = new Keymap({ value: null });
    const semicolon = press({ key: ':', code: 'Semicolon', ctrlKey: true, shiftKey: true });
    expect([chosenKeys(keymap, semicolon), keymap.commandWith(semicolon)]).toEqual([
      'Mod+Shift+;',
      'copy-code',
    ]);
    expect([chosenKeys(keymap, altX), keymap.commandWith(altX)]).toEqual(['Alt+X', null]);
    for (const key of ['x', 'Tab', 'Enter', 'Shift', 'ArrowDown'])
      expect(chosenKeys(keymap, press({ key }))).toBeNull();
  });

  it.each([
    ['no JSON', { value: 'Mod+K' }],
    ['no object', stored(['Mod+K'])],
    ['null', stored(null)],
    ['other types', stored({ isOff: 'yes', keys: { retry: 7, undo: ['Mod+K'], continue: {} } })],
    ['commands that do not exist', stored({ keys: { reload: 'Mod+K', __proto__: null, toString: 'Mod+K' } })],
    [
      'keys that would take a letter or the way out of the page',
      stored({ keys: { retry: 'R', undo: 'Tab' } }),
    ],
    ['keys as a program writes them', stored({ keys: { retry: '<b>', undo: 'Mod+\u0000' } })],
  ])('are what they were before where storage has %s', (_name, text) => {
    const keymap = new Keymap(text);
    expect(keymap.isOff).toBe(false);
    for (const id of commandIds) expect(keymap.keysOf(id)).toBe(defaultKeys[id]);
  });

  it('given twice in storage belong to the first command', () => {
    const keymap = new Keymap(stored({ keys: { retry: 'Alt+X', undo: 'Alt+X' } }));
    expect(keymap.find(altX)).toBe('retry');
    expect(keymap.keysOf('undo')).toBe('Mod+Z');
  });
});

describe('shortcuts that are off', () => {
  it('do nothing, except that what sends still does, and stay off', () => {
    const storage = { value: null };
    const keymap = new Keymap(storage);
    setOff(keymap, true);
    const again = new Keymap(storage);
    expect(again.isOff).toBe(true);
    expect(again.find(press({ key: 'Escape' }))).toBeNull();
    expect(again.activeKeysOf('cancel')).toBeNull();
    expect(again.keysOf('cancel')).toBe('Escape');
    expect(again.isSend(press({ key: 'Enter', ctrlKey: true }), false)).toBe(true);
    setOff(again, false);
    expect(storage.value).toBeNull();
  });
});

describe('the key that sends', () => {
  const enter = (more: Partial<TypedPress> = {}, isAlone = true) =>
    new Keymap({ value: null }).isSend(press({ key: 'Enter', keyCode: 13, ...more }), isAlone);

  it('is Enter and Mod+Enter, not Shift+Enter', () => {
    expect(enter()).toBe(true);
    expect(enter({ ctrlKey: true })).toBe(true);
    expect(enter({ metaKey: true })).toBe(true);
    expect(enter({ shiftKey: true })).toBe(false);
    expect(enter({ altKey: true })).toBe(false);
  });

  it('is Mod+Enter alone where Enter makes a line', () => {
    expect(enter({}, false)).toBe(false);
    expect(enter({ ctrlKey: true }, false)).toBe(true);
  });

  it('is not what an input method is using', () => {
    expect(enter({ isComposing: true })).toBe(false);
    expect(enter({ keyCode: 229 })).toBe(false);
    expect(enter({ keyCode: 229, ctrlKey: true })).toBe(false);
  });
});
