/**
 * Shows changing words as the whole text of an element. A browser's translation replaces text nodes by elements, so
 * changes to a retained text node would not be seen.
 */
import type { Attachment } from 'svelte/attachments';

export function shownWords(read: () => string): Attachment<Element> {
  return (element) => {
    element.textContent = read();
  };
}
