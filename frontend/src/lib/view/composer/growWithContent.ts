/**
 * Grows a text area with its text in browsers without `field-sizing`, and marks one whose text exceeds the height
 * limit, which is in the style sheet.
 */
import type { Attachment } from 'svelte/attachments';

/** In characters: no field shows as many, however wide it is. */
const longerThanField = 10_000;

export function growWithContent(value: () => string): Attachment<HTMLTextAreaElement> {
  return (textarea) => {
    // Read here so that the attachment runs again whenever the text changes, also when code changed it.
    const isLong = value().length > longerThanField;
    textarea.classList.toggle('is-long', isLong);
    if (CSS.supports('field-sizing', 'content')) return;
    // The height of a long text is not asked for at each key: it is as high as it may be.
    textarea.style.height = isLong ? '100vh' : 'auto';
    if (!isLong) textarea.style.height = `${textarea.scrollHeight}px`;
  };
}
