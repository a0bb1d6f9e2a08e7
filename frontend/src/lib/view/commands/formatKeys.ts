/** Writes the keys of a command as this machine's keyboard has them. */

const onApple: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Escape: 'esc' };
const elsewhere: Readonly<Record<string, string>> = { Mod: 'Ctrl', Escape: 'Esc' };

export function formatKeys(keys: string, platform = navigator.platform): string {
  const isApple = /^(Mac|iP)/.test(platform);
  const names = isApple ? onApple : elsewhere;
  return keys
    .split('+')
    .map((key) => names[key] ?? key)
    .join(isApple ? '' : '+');
}
