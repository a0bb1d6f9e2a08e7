/** Reports when elements come near the visible part of the page and when they leave it. */

type Listener = (isVisible: boolean) => void;

/** A little more than a screen, so that what scrolls in is ready. */
const margin = '600px';

/** Created once for a page: all elements share one observer, created for the first of them. */
export class NearView {
  readonly #listeners = new WeakMap<Element, Listener>();
  #observer: IntersectionObserver | null = null;

  /** Calls `listener` soon with the present state, and at every later change. The returned function ends it. */
  watch(element: Element, listener: Listener): () => void {
    this.#observer ??= this.#createObserver();
    this.#listeners.set(element, listener);
    this.#observer.observe(element);
    return () => {
      this.#listeners.delete(element);
      this.#observer?.unobserve(element);
    };
  }

  #createObserver(): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.#listeners.get(target)?.(isIntersecting);
      },
      // `rootMargin` is for the page, `scrollMargin` for scrolling boxes in it; not every browser has the latter, nor
      // do its types.
      { rootMargin: margin, scrollMargin: margin } as IntersectionObserverInit,
    );
  }
}
