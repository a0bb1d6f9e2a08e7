/**
 * Tells views that are drawn late, or only near the viewport, that a print begins: then they draw everything at once.
 */

/** Called with true before the page is printed, with false afterwards. */
type Listener = (isPrinting: boolean) => void;

/** Created once for a page; it listens to the window from the first listener on. */
export class Printing {
  readonly #listeners = new Set<Listener>();
  #isWatching = false;
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  /** A listener that is added by another one is called for the same print. The returned function ends it. */
  watch(listener: Listener): () => void {
    if (!this.#isWatching) {
      this.#isWatching = true;
      window.addEventListener('beforeprint', () => this.#tell(true));
      window.addEventListener('afterprint', () => this.#tell(false));
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(isOn: boolean): void {
    this.#isOn = isOn;
    for (const listener of this.#listeners) listener(isOn);
  }
}
