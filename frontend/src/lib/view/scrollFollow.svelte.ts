/**
 * Keeps the end of a growing transcript in view for a reader who is there, and never moves one who is not.
 * Every write records the position it leads to, so any other scroll event is the reader's own.
 */
import type { Attachment } from 'svelte/attachments';

const unpinAfterUpPx = 3;
const attachWithinPx = 60;

export class ScrollFollow {
  isFollowing = $state(true);
  /** Text was added below while the reader was elsewhere. */
  hasTextBelow = $state(false);
  #node: HTMLElement | null = null;
  #expectedTopPx = -1;
  #lastTopPx = 0;
  #lastContentHeightPx = 0;

  /** Put on the scroll container; its last child is the content that grows. */
  readonly attach: Attachment<HTMLElement> = (node) => {
    this.#node = node;
    const observer = new ResizeObserver(() => this.#onResize());
    observer.observe(node);
    if (node.lastElementChild) observer.observe(node.lastElementChild);
    const onScroll = () => this.#onScroll();
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
      this.#node = null;
    };
  };

  /** Goes to the end and follows from there: after a send, or when asked for. */
  toEnd(): void {
    this.isFollowing = true;
    this.hasTextBelow = false;
    this.#write();
  }

  #write(): void {
    const node = this.#node;
    if (!node) return;
    node.scrollTop = node.scrollHeight;
    this.#expectedTopPx = node.scrollTop;
    this.#lastTopPx = node.scrollTop;
  }

  #onResize(): void {
    const node = this.#node;
    if (!node) return;
    const hasGrown = node.scrollHeight > this.#lastContentHeightPx;
    this.#lastContentHeightPx = node.scrollHeight;
    if (this.isFollowing) this.#write();
    else if (hasGrown && this.#distanceToEndPx(node) > attachWithinPx) this.hasTextBelow = true;
  }

  #onScroll(): void {
    const node = this.#node;
    if (!node) return;
    const topPx = node.scrollTop;
    const isOwn = Math.abs(topPx - this.#expectedTopPx) <= 1;
    const movedUpPx = this.#lastTopPx - topPx;
    this.#lastTopPx = topPx;
    if (isOwn) return;
    this.#expectedTopPx = -1;
    const distancePx = this.#distanceToEndPx(node);
    if (movedUpPx > unpinAfterUpPx && distancePx > 1) this.isFollowing = false;
    else if (movedUpPx < 0 && distancePx <= attachWithinPx) {
      this.isFollowing = true;
      this.hasTextBelow = false;
    }
  }

  #distanceToEndPx(node: HTMLElement): number {
    return node.scrollHeight - node.clientHeight - node.scrollTop;
  }
}

export function createScrollFollow(): ScrollFollow {
  return new ScrollFollow();
}
