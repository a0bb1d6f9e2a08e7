/**
 * Turns a key press into its possible names, such as `Mod+Shift+O`, on any keyboard layout. A letter is the one that
 * the layout writes, wherever its key is; a sign is also found where the layout needs Shift for it.
 */

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> & {
  /** The key by its position. */
  readonly code?: string;
  readonly getModifierState?: KeyboardEvent['getModifierState'];
};

/** Remembers which letters the keys write, from what is typed: with Alt a Mac says another sign, and no letter. */
export class KeyLetters {
  readonly #byCode = new Map<string, string>();

  note({ key, code = '', ctrlKey, metaKey, altKey }: KeyPress): void {
    if (!ctrlKey && !metaKey && !altKey && code !== '' && isAsciiLetter(key))
      this.#byCode.set(code, key.toUpperCase());
  }

  /** What is written at a position; until it is known, what a US keyboard writes there. Empty for a key that is no letter, figure or sign. */
  at(code: string): string {
    const known = this.#byCode.get(code) ?? /^(?:Key|Digit)(.)$/.exec(code)?.[1];
    return known ?? signsByCode[code] ?? '';
  }
}

const signsByCode: Readonly<Record<string, string>> = {
  Semicolon: ';',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Quote: "'",
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  Minus: '-',
  Equal: '=',
  Backquote: '`',
};

/** What is written without Shift by the key that writes a sign with it: on a US, a Dvorak and a French keyboard. */
const signsWithoutShift: Readonly<Record<string, string>> = {
  'Semicolon :': ';',
  'KeyZ :': ';',
  'Comma .': ';',
};

const modifierKeys: ReadonlySet<string> = new Set([
  'Shift',
  'Control',
  'Alt',
  'Meta',
  'CapsLock',
  'Unidentified',
]);

const isAsciiLetter = (key: string): boolean => /^[a-z]$/i.test(key);

/** All that the press may be called, the likeliest first; nothing for what only types. */
export function chordsOf(press: KeyPress, letters: KeyLetters): string[] {
  if (writesSign(press) || modifierKeys.has(press.key)) return [];
  const isMod = press.ctrlKey || press.metaKey;
  const prefix = `${isMod ? 'Mod+' : ''}${press.altKey ? 'Alt+' : ''}`;
  return namesOf(press, letters).map(([name, isShift]) => `${prefix}${isShift ? 'Shift+' : ''}${name}`);
}

/** AltGr does, which Windows says is Ctrl and Alt. */
function writesSign(press: KeyPress): boolean {
  const { ctrlKey, metaKey, altKey } = press;
  if (press.getModifierState?.('AltGraph')) return true;
  return (ctrlKey && metaKey) || ((ctrlKey || metaKey) && altKey);
}

/** What the key may be called without Ctrl, Cmd and Alt, and whether with Shift. */
function namesOf(press: KeyPress, letters: KeyLetters): [name: string, isShift: boolean][] {
  const { key, code = '', shiftKey, altKey } = press;
  if (key.length > 1 && key !== 'Dead') return [[key, shiftKey]];
  if (!press.ctrlKey && !press.metaKey && !altKey) return [];
  const name = key === ' ' ? 'Space' : key.toUpperCase();
  const byPosition = letters.at(code);
  const isPlaced = byPosition !== '' && !(altKey && isAsciiLetter(key));
  if (key === 'Dead' || isOtherScript(key)) return isPlaced ? [[byPosition, shiftKey]] : [];
  if (altKey && isPlaced)
    return [
      [byPosition, shiftKey],
      [name, shiftKey],
    ];
  if (!shiftKey || /\p{L}/u.test(key)) return [[name, shiftKey]];
  const withoutShift = signsWithoutShift[`${code} ${key}`];
  return [[name, true], ...(withoutShift ? [[withoutShift, true] as [string, boolean]] : []), [name, false]];
}

/** A letter that has no part in a name of keys, as of a Greek or Cyrillic layout: there the position tells. */
function isOtherScript(key: string): boolean {
  return /\p{L}/u.test(key) && !/\p{Script=Latin}/u.test(key);
}

const chordPattern = /^(?:Mod\+)?(?:Alt\+)?(?:Shift\+)?(?:[A-Z][A-Za-z0-9]{1,20}|[^\s\p{Cc}\p{Ll}])$/u;

/** True for what `chordsOf` can return, and that takes no key from typing or from the keyboard's own ways around a page. */
export function isChosenChord(chord: string): boolean {
  if (!chordPattern.test(chord)) return false;
  const key = /[^+]+$|\+$/.exec(chord)?.[0] ?? '';
  if (/^F\d{1,2}$/.test(key) || key === 'Escape') return true;
  return chord.startsWith('Mod+') || chord.startsWith('Alt+');
}
