/**
 * Leads from field to field of a prompt that was put into a text field: Tab selects the next one, so that what is typed
 * replaces it. It ends with the last field, with Esc, and when the focus leaves.
 */
import { findFields, nextField } from '../../chat/prompts/promptFields.ts';

/** Selects the first field behind `from`. Returns how many there are; with none nothing begins. */
export function startFieldWalk(element: HTMLTextAreaElement, from: number): number {
  const ending = new AbortController();
  const { signal } = ending;
  const go = (selection: { start: number; end: number }, direction: 1 | -1): boolean => {
    const field = nextField(element.value, selection, direction);
    if (field) element.setSelectionRange(field.start, field.end);
    return field !== null;
  };
  const count = findFields(element.value.slice(from)).length;
  if (count === 0) return 0;
  go({ start: from, end: from }, 1);
  // Esc ends the walk, and not also an answer.
  element.dataset.layer = '';
  signal.addEventListener('abort', () => delete element.dataset.layer);
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (key === 'Escape') ending.abort();
    if (key !== 'Tab' || ctrlKey || metaKey || altKey || element.value === '') return;
    const { selectionStart: start, selectionEnd: end } = element;
    // The last field is filled in: the caret moves to the end of the text, and the next Tab leaves the text field.
    if (!go({ start, end }, shiftKey ? -1 : 1)) {
      ending.abort();
      if (shiftKey) return;
      element.setSelectionRange(element.value.length, element.value.length);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  element.addEventListener('keydown', onKeyDown, { signal });
  element.addEventListener('blur', () => ending.abort(), { signal });
  return count;
}
