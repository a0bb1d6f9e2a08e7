/** Formats keys for `aria-keyshortcuts`, which has no key that means Ctrl or Cmd. */

/** Undefined for none. */
export function ariaKeys(keys: string | null): string | undefined {
  if (keys === null) return undefined;
  return keys.startsWith('Mod+') ? `Control${keys.slice(3)} Meta${keys.slice(3)}` : keys;
}
