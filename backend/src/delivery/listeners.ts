/** Keeps the callbacks that are called when a source has more to read. */

export class Listeners {
  readonly #listeners = new Set<() => void>();

  get count(): number {
    return this.#listeners.size;
  }

  /** Returns what removes the listener. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A listener may be removed during this loop; one added during it is called too, and finds nothing new. */
  call(): void {
    for (const listener of this.#listeners) listener();
  }
}
