/** Notifies views that are drawn late, or only near the viewport, of a print: then all of it is drawn at once. */

/** True before the page is printed, false after that. */
type Listener = (isPrinting: boolean) => void;

/** Made once for a page; it watches the window from the first listener on. */
export class Printing {
  readonly #listeners = new Set<Listener>();
  #isWatching = false;
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  /** A listener that another one adds is called for the same print. Returns what ends it. */
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
