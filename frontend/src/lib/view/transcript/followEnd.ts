/** Keeps the end of a growing text in view in a small scroll box, unless the reader has scrolled away. */
import type { Attachment } from 'svelte/attachments';

const nearEndPx = 16;

export function followEnd(isGrowing: () => boolean): Attachment<HTMLElement> {
  return (box) => {
    let isFollowing = true;
    const onscroll = () => {
      isFollowing = box.scrollHeight - box.clientHeight - box.scrollTop < nearEndPx;
    };
    const observer = new ResizeObserver(() => {
      if (isFollowing && isGrowing()) box.scrollTop = box.scrollHeight;
    });
    box.addEventListener('scroll', onscroll, { passive: true });
    for (const child of box.children) observer.observe(child);
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onscroll);
    };
  };
}
