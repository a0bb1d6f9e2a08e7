/** Loads a part of the page when it is first needed. A failed load is repeated at the next request. */

export class LatePart<Part> {
  /** Null until it is loaded. */
  part = $state.raw<Part | null>(null);
  readonly #load: () => Promise<Part>;
  #loading: Promise<boolean> | null = null;

  constructor(load: () => Promise<Part>) {
    this.#load = load;
  }

  /** True once the part is loaded, false when it could not be. */
  load(): Promise<boolean> {
    this.#loading ??= this.#take();
    return this.#loading;
  }

  async #take(): Promise<boolean> {
    try {
      this.part ??= await this.#load();
      return true;
    } catch {
      // The caller reports it in words; the reason is in the browser's own log of requests.
      return false;
    } finally {
      this.#loading = null;
    }
  }
}
