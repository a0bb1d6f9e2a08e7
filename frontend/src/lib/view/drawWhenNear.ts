/**
 * Calls back once when the message around an element comes near the view, or is to be printed. The message's item is
 * watched and not the element, because a browser that skips the contents of an item tells nothing about them.
 */
import type { Attachment } from 'svelte/attachments';
import { watchVisibility } from '../markdown/dom/whenVisible.ts';

export function drawWhenNear(draw: () => void): Attachment<HTMLElement> {
  return (element) => {
    const stop = watchVisibility(element.closest('.item') ?? element, (isNear) => {
      if (isNear) draw();
    });
    window.addEventListener('beforeprint', draw);
    return () => {
      stop();
      window.removeEventListener('beforeprint', draw);
    };
  };
}
