/** Keeps the chosen theme. `public/firstPaint.js` applies it before the first paint of the next visit. */

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

const storageKey = 'rill:theme';

export class ThemeState {
  #theme = $state<Theme>('system');
  readonly #root: HTMLElement;
  readonly #storage: Storage | null;

  constructor(root: HTMLElement, storage: Storage | null) {
    this.#root = root;
    this.#storage = storage;
    const shown = root.dataset.theme;
    if (shown === 'light' || shown === 'dark') this.#theme = shown;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    if (theme === 'system') delete this.#root.dataset.theme;
    else this.#root.dataset.theme = theme;
    try {
      this.#storage?.setItem(storageKey, theme);
    } catch {
      // Blocked or full storage: the choice is kept until the page is closed.
    }
  }
}
