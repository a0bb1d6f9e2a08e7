import { describe, expect, it } from 'vitest';
import { commandOf, isSendKey, type KeyPress } from './shortcuts.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
});

describe('commandOf', () => {
  it('knows the commands with Ctrl and with Cmd', () => {
    expect(commandOf(press('O', { ctrlKey: true, shiftKey: true }))).toBe('new-chat');
    expect(commandOf(press('o', { metaKey: true, shiftKey: true }))).toBe('new-chat');
    expect(commandOf(press('S', { ctrlKey: true, shiftKey: true }))).toBe('toggle-sidebar');
  });

  it('searches with K and lists questions with J, with Mod alone', () => {
    expect(commandOf(press('k', { ctrlKey: true }))).toBe('open-palette');
    expect(commandOf(press('k', { metaKey: true }))).toBe('open-palette');
    expect(commandOf(press('j', { ctrlKey: true }))).toBe('open-outline');
    expect(commandOf(press('K', { ctrlKey: true, shiftKey: true }))).toBeNull();
    expect(commandOf(press('k'))).toBeNull();
  });

  it('stops with Escape and focuses the composer with Shift+Escape', () => {
    expect(commandOf(press('Escape'))).toBe('cancel');
    expect(commandOf(press('Escape', { shiftKey: true }))).toBe('focus-composer');
  });

  it('goes from message to message with Alt and the arrows up and down', () => {
    expect(commandOf(press('ArrowUp', { altKey: true }))).toBe('previous-message');
    expect(commandOf(press('ArrowDown', { altKey: true }))).toBe('next-message');
    expect(commandOf(press('ArrowUp'))).toBeNull();
    expect(commandOf(press('ArrowUp', { altKey: true, shiftKey: true }))).toBeNull();
  });

  it('steps through versions, retries and continues with Alt, also where Alt writes another sign', () => {
    expect(commandOf(press('ArrowLeft', { altKey: true }))).toBe('previous-version');
    expect(commandOf(press('ArrowRight', { altKey: true }))).toBe('next-version');
    expect(commandOf(press('r', { altKey: true }))).toBe('retry');
    expect(commandOf(press('®', { altKey: true, code: 'KeyR' }))).toBe('retry');
    expect(commandOf(press('c', { altKey: true }))).toBe('continue');
    expect(commandOf(press('j', { altKey: true, code: 'KeyC' }))).toBeNull();
    expect(commandOf(press('z', { ctrlKey: true }))).toBe('undo');
    expect(commandOf(press('z', { ctrlKey: true, shiftKey: true }))).toBeNull();
  });

  it('leaves typing, browser keys and input methods alone', () => {
    expect(commandOf(press('o'))).toBeNull();
    expect(commandOf(press('r', { ctrlKey: true }))).toBeNull();
    expect(commandOf(press('o', { ctrlKey: true, shiftKey: true, altKey: true }))).toBeNull();
    expect(commandOf(press('Escape', { isComposing: true }))).toBeNull();
    expect(commandOf(press('Escape', { keyCode: 229 }))).toBeNull();
  });
});

describe('isSendKey', () => {
  const enter = (more: Partial<KeyPress> = {}, isAlone = true) =>
    isSendKey(press('Enter', { keyCode: 13, ...more }), isAlone);

  it('sends with Enter and with Mod+Enter, not with Shift+Enter', () => {
    expect(enter()).toBe(true);
    expect(enter({ ctrlKey: true })).toBe(true);
    expect(enter({ metaKey: true })).toBe(true);
    expect(enter({ shiftKey: true })).toBe(false);
    expect(enter({ altKey: true })).toBe(false);
  });

  it('sends with Mod+Enter alone where Enter makes a line', () => {
    expect(enter({}, false)).toBe(false);
    expect(enter({ ctrlKey: true }, false)).toBe(true);
    expect(enter({ metaKey: true }, false)).toBe(true);
  });

  it('does not send while an input method composes', () => {
    expect(enter({ isComposing: true })).toBe(false);
    expect(enter({ keyCode: 229 })).toBe(false);
    expect(enter({ keyCode: 229, ctrlKey: true })).toBe(false);
  });
});
