/** Formats keys as they are labelled on this machine's keyboard. */

const arrows = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' } as const;
const onApple: Readonly<Record<string, string>> = {
  ...arrows,
  Mod: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Escape: 'esc',
  Enter: '↩',
  Backspace: '⌫',
};
const elsewhere: Readonly<Record<string, string>> = { ...arrows, Mod: 'Ctrl', Escape: 'Esc' };

export function formatKeys(keys: string, platform = navigator.platform): string {
  const isApple = /^(Mac|iP)/.test(platform);
  const names = isApple ? onApple : elsewhere;
  return partsOf(keys)
    .map((key) => names[key] ?? key)
    .join(isApple ? '' : '+');
}

/** The key may be a plus itself. */
const partsOf = (keys: string): string[] => keys.match(/[^+]+|\+$/g) ?? [];
