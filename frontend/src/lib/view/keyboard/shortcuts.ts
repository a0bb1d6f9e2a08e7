/** Tells key presses that work everywhere from typing. */
import type { MessageCommand } from '../conversation/messageCommands.ts';
import { isOfInputMethod } from './inputMethod.ts';

export type Command =
  | MessageCommand
  | 'new-chat'
  | 'toggle-sidebar'
  | 'choose-model'
  | 'open-palette'
  | 'open-outline'
  | 'focus-composer'
  | 'previous-message'
  | 'next-message'
  | 'cancel';

export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'isComposing' | 'keyCode'
> & {
  /** The key by its position. */
  readonly code?: string;
};

const altCommands: Readonly<Record<string, Command>> = {
  ArrowUp: 'previous-message',
  ArrowDown: 'next-message',
  ArrowLeft: 'previous-version',
  ArrowRight: 'next-version',
  r: 'retry',
  c: 'continue',
};

const modShiftCommands: Readonly<Record<string, Command>> = {
  o: 'new-chat',
  s: 'toggle-sidebar',
  m: 'choose-model',
};

const modCommands: Readonly<Record<string, Command>> = {
  k: 'open-palette',
  j: 'open-outline',
};

/** The command of a key press; Mod is Ctrl or Cmd. Keys that an input method is using are never commands. */
export function commandOf(press: KeyPress): Command | null {
  if (isOfInputMethod(press)) return null;
  if (press.altKey) return commandWithAlt(press);
  const isMod = press.ctrlKey !== press.metaKey;
  if (press.key === 'Escape' && !isMod) return press.shiftKey ? 'focus-composer' : 'cancel';
  if (!isMod) return null;
  if (press.key.toLowerCase() === 'z' && !press.shiftKey) return 'undo';
  return (press.shiftKey ? modShiftCommands : modCommands)[press.key.toLowerCase()] ?? null;
}

function commandWithAlt({ key, code = '', ctrlKey, metaKey, shiftKey }: KeyPress): Command | null {
  if (ctrlKey || metaKey || shiftKey) return null;
  // With Alt a Mac writes another sign: there the position tells the letter.
  const isLetter = /^[a-z]$/i.test(key);
  const letter = isLetter ? key.toLowerCase() : code.replace(/^Key/, '').toLowerCase();
  return altCommands[key] ?? altCommands[letter] ?? null;
}

/**
 * True when Enter means send: not a new line, and not the choice of an input method. Where Enter alone makes a line
 * (`isAlone` false), Ctrl or Cmd with it sends.
 */
export function isSendKey(press: KeyPress, isAlone: boolean): boolean {
  if (press.key !== 'Enter' || isOfInputMethod(press)) return false;
  return press.ctrlKey || press.metaKey || (isAlone && !press.shiftKey && !press.altKey);
}

/** True for the key that, in an empty composer, edits the last message of the user. */
export function isEditKey(press: KeyPress): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey } = press;
  return press.key === 'ArrowUp' && !ctrlKey && !metaKey && !shiftKey && !altKey && !isOfInputMethod(press);
}
