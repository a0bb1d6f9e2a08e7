/** Tells when elements come near the visible part of the page and when they leave it. */

type Listener = (isVisible: boolean) => void;

/** A little more than a screen, so that what scrolls in is ready. */
const margin = '600px';

/** Made once for a page: all elements have one observer, which is made for the first of them. */
export class NearView {
  readonly #listeners = new WeakMap<Element, Listener>();
  #observer: IntersectionObserver | null = null;

  /** Calls `listener` with the present state soon, and at every change after that. Returns what ends it. */
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
      // The first for the page, the second for the boxes in it that scroll; not every browser has it, nor its type.
      { rootMargin: margin, scrollMargin: margin } as IntersectionObserverInit,
    );
  }
}
