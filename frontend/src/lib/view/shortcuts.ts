/** Key presses that work everywhere, told apart from typing. */

export type Command =
  | 'new-chat'
  | 'toggle-sidebar'
  | 'choose-model'
  | 'focus-composer'
  | 'previous-message'
  | 'next-message'
  | 'cancel';

export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'isComposing'
>;

const modShiftCommands: Readonly<Record<string, Command>> = {
  o: 'new-chat',
  s: 'toggle-sidebar',
  m: 'choose-model',
};

/** The command of a key press; Mod is Ctrl or Cmd. Keys that an input method is using are never commands. */
export function commandOf(press: KeyPress): Command | null {
  if (press.isComposing) return null;
  if (press.altKey) return commandWithAlt(press);
  const isMod = press.ctrlKey !== press.metaKey;
  if (press.key === 'Escape' && !isMod) return press.shiftKey ? 'focus-composer' : 'cancel';
  if (!isMod || !press.shiftKey) return null;
  return modShiftCommands[press.key.toLowerCase()] ?? null;
}

function commandWithAlt({ key, ctrlKey, metaKey, shiftKey }: KeyPress): Command | null {
  if (ctrlKey || metaKey || shiftKey) return null;
  if (key === 'ArrowUp') return 'previous-message';
  return key === 'ArrowDown' ? 'next-message' : null;
}

/** True when Enter means send: not a new line, and not the choice of an input method (229: WebKit ends it early). */
export function isSendKey(press: KeyPress & { readonly keyCode: number }): boolean {
  if (press.key !== 'Enter' || press.isComposing || press.keyCode === 229) return false;
  return press.ctrlKey || press.metaKey || (!press.shiftKey && !press.altKey);
}
