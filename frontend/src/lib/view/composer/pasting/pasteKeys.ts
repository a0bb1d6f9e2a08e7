/** Turns long pastes into chips, inserts pasted lines in one step, and undoes both by the key for Undo. */
import type { Attachment } from 'svelte/attachments';
import { readPastesInline } from '../../comfort/comfortChoices.ts';
import { chordsOf, KeyLetters } from '../../keyboard/keyChords.ts';
import type { DraftField } from './draftField.svelte.ts';
import { countLines, isLongPaste } from './longPaste.ts';

/**
 * Chromium's own insertion takes time that grows with the square of the lines: 2,600 lines block the page for 7 to 20 s.
 * Below this many it takes less than about 100 ms.
 */
const minLines = 150;

export interface PasteKeysOptions {
  readonly field: DraftField;
  readonly onChip: (pasted: string) => void;
}

export function pasteKeys({ field, onChip }: PasteKeysOptions): Attachment<HTMLTextAreaElement> {
  return (element) => {
    const letters = new KeyLetters();
    /** Ctrl+Shift+V was pressed: what it pastes stays text. */
    let isPlain = false;
    const onKeyDown = (event: KeyboardEvent): void => {
      const chords = chordsOf(event, letters);
      isPlain = chords.includes('Mod+Shift+V');
      if (!chords.includes('Mod+Z') || !field.undo()) return;
      event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent): void => {
      const pasted = event.clipboardData?.getData('text/plain') ?? '';
      const isInline = isPlain || readPastesInline().value;
      isPlain = false;
      if (event.defaultPrevented) return;
      const { value, selectionStart, selectionEnd } = element;
      const [before, after] = [value.slice(0, selectionStart), value.slice(selectionEnd)];
      if (!isInline && isLongPaste(pasted)) {
        event.preventDefault();
        field.addPaste(pasted, before + after);
        onChip(pasted);
      } else if (countLines(pasted, minLines) >= minLines) {
        event.preventDefault();
        element.setRangeText(pasted, selectionStart, selectionEnd, 'end');
        field.replaceText(element.value);
        if (element.selectionEnd === element.value.length) element.scrollTop = element.scrollHeight;
      }
    };
    element.addEventListener('keydown', onKeyDown);
    element.addEventListener('paste', onPaste);
    return () => {
      element.removeEventListener('keydown', onKeyDown);
      element.removeEventListener('paste', onPaste);
    };
  };
}
