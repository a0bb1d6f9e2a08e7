/** Tells when elements come near the visible part of the page and when they leave it. */

type Listener = (isVisible: boolean) => void;

/** A little more than a screen, so that what scrolls in is ready. */
const margin = '600px';

const listeners = new WeakMap<Element, Listener>();
let observer: IntersectionObserver | null = null;

/** Calls `listener` with the present state soon, and at every change after that. Returns what ends it. */
export function watchVisibility(element: Element, listener: Listener): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
    },
    // The first for the page, the second for the boxes in it that scroll; not every browser has it, nor its type.
    { rootMargin: margin, scrollMargin: margin } as IntersectionObserverInit,
  );
  listeners.set(element, listener);
  observer.observe(element);
  return () => {
    listeners.delete(element);
    observer?.unobserve(element);
  };
}
