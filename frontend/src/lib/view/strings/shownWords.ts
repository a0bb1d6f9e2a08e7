/**
 * Shows words that change as the whole text of an element. The browser's translation puts elements of its own in the
 * place of text nodes, and a text node that was kept to be changed would then change unseen.
 */
import type { Attachment } from 'svelte/attachments';

export function shownWords(read: () => string): Attachment<Element> {
  return (element) => {
    element.textContent = read();
  };
}
