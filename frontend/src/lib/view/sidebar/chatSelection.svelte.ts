/** Holds the selected chats of the sidebar. A range follows the order of the rows on the page. */
import { createContext } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';

/** The attribute by which the link of a row names its chat. */
const idAttribute = 'data-chat-id';

export class ChatSelection {
  readonly #ids = new SvelteSet<string>();
  /** The start of a range. */
  #anchorId: string | null = null;
  /** True when a touch selects: a plain tap keeps selecting. */
  isPicking = $state(false);

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  toggle(id: string): void {
    this.#anchorId = id;
    if (!this.#ids.delete(id)) this.#ids.add(id);
    if (this.#ids.size === 0) this.isPicking = false;
  }

  /** Selects all rows from the last one that was selected by itself to this one. */
  extendTo(id: string): void {
    const ids = rows().map(idOf);
    const from = ids.indexOf(this.#anchorId ?? id);
    const to = ids.indexOf(id);
    if (from < 0 || to < 0) {
      this.toggle(id);
      return;
    }
    this.#ids.clear();
    for (const each of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#ids.add(each);
    this.#anchorId = ids[from] ?? id;
  }

  /** Drops chats that no longer exist. */
  keepOnly(isThere: (id: string) => boolean): void {
    for (const id of [...this.#ids]) if (!isThere(id)) this.#ids.delete(id);
  }

  clear(): void {
    this.#ids.clear();
    this.#anchorId = null;
    this.isPicking = false;
  }
}

/** The link of the row that is `step` rows after this one; null at the end of the list. */
export function rowBeside(link: HTMLElement, step: 1 | -1): HTMLElement | null {
  const all = rows();
  return all[all.indexOf(link) + step] ?? null;
}

export const idOf = (link: HTMLElement): string => link.getAttribute(idAttribute) ?? '';

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[${idAttribute}]`)];

export const [getSelection, setSelection] = createContext<ChatSelection>();
