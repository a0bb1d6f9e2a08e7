/**
 * Hides keys that an input method is using from the page: they choose or drop a word, and never send, stop or close
 * anything. It listens on the window, before everything else.
 */

/** The code of a key that an input method has taken. Safari ends the composition before it tells of the key. */
const takenKeyCode = 229;

export function isOfInputMethod({
  isComposing,
  keyCode,
}: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return isComposing || keyCode === takenKeyCode;
}

/** For Enter and Escape, pressed and released: other keys do nothing beyond the field they are typed in. */
export function holdBackInputMethod(event: KeyboardEvent): void {
  if (!isOfInputMethod(event) || (event.key !== 'Enter' && event.key !== 'Escape')) return;
  event.stopImmediatePropagation();
  // Else the browser itself would close a dialog.
  if (event.key === 'Escape') event.preventDefault();
}
