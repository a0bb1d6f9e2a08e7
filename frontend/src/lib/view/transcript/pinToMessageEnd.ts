/**
 * Keeps the line under a growing answer at its end by a transform and not by layout, so that it causes no new layout
 * and no layout shift. The message reserves its height.
 */
import type { Attachment } from 'svelte/attachments';

/** `line` is positioned at the top of the message that is its parent. */
export const pinToMessageEnd: Attachment<HTMLElement> = (line) => {
  const message = line.parentElement;
  if (!message) return;
  const position = () => {
    line.style.translate = `0 ${message.clientHeight - line.offsetHeight}px`;
  };
  const observer = new ResizeObserver(position);
  observer.observe(message);
  observer.observe(line);
  return () => observer.disconnect();
};
