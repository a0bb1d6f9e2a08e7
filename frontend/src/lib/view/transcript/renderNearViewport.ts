/**
 * Calls back once when the message around an element comes near the viewport, or is to be printed. The message's item
 * is observed instead of the element, because a browser that skips the contents of an item reports nothing about them.
 */
import { flushSync } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { PageDrawing } from '../../markdown/dom/pageDrawing.ts';

export function renderNearViewport(
  { nearView, printing }: PageDrawing,
  draw: () => void,
): Attachment<HTMLElement> {
  return (element) => {
    const stop = nearView.watch(element.closest('.item') ?? element, (isNear) => {
      if (isNear) draw();
    });
    // At once, because the browser waits for nothing.
    const stopPrinting = printing.watch((isBegun) => {
      if (isBegun) flushSync(draw);
    });
    return () => {
      stop();
      stopPrinting();
    };
  };
}
