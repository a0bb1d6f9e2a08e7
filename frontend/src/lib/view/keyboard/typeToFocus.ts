/** Moves typing outside of any text field to the composer, beginning with the key that was pressed. */
import { readTypingStays } from '../comfort/comfortChoices.ts';
import { isOfInputMethod } from './inputMethod.ts';

/** What has a use for letters of its own. */
const keyTakers =
  'input, textarea, select, [contenteditable=""], [contenteditable="true"], [data-layer], dialog[open], [popover], [role="dialog"], [role="menu"], [role="listbox"], [role="combobox"]';

export function typeToFocus(event: KeyboardEvent): void {
  if (event.defaultPrevented || !isTyped(event) || readTypingStays().value) return;
  const { target } = event;
  if (!(target instanceof Element) || target.closest(keyTakers)) return;
  // Whatever lies over the page has the keys, also when the focus is not in it.
  if (document.querySelector('dialog:modal, [role="menu"]')) return;
  document.getElementById('composer')?.focus({ preventScroll: true });
}

/** A letter, figure or sign. Not a space, which presses buttons and scrolls. */
export function isTyped(event: KeyboardEvent): boolean {
  if (isOfInputMethod(event) || event.key === ' ' || [...event.key].length !== 1) return false;
  // On some keyboards a sign is typed with AltGr, which counts as Ctrl and Alt.
  if (event.getModifierState('AltGraph')) return true;
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}
