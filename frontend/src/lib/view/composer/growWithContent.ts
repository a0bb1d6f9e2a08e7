/** Grows a text area with its text where the browser's own `field-sizing` is missing. The limit is in the style sheet. */
import type { Attachment } from 'svelte/attachments';

export function growWithContent(value: () => string): Attachment<HTMLTextAreaElement> {
  return (textarea) => {
    if (CSS.supports('field-sizing', 'content')) return;
    // Read here so that the attachment runs again whenever the text changes, also when code changed it.
    value();
    textarea.style.height = 'auto';
    textarea.style.height = `${textarea.scrollHeight}px`;
  };
}
