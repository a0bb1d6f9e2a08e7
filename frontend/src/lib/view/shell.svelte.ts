/** What lies over the page and how wide it is: the sidebar, and at most one layer (menu, dialog, picker). */
import type { Chat, Project } from '@rill/protocol';
import { MediaQuery } from 'svelte/reactivity';
import type { StoredFlag } from '../chat/storedFlag.ts';

export interface MenuItem {
  readonly label: string;
  readonly isDangerous?: boolean;
  readonly onSelect: () => void;
}

/** The one layer that Esc closes first. */
export type Layer =
  | { readonly type: 'menu'; readonly anchor: HTMLElement; readonly items: readonly MenuItem[] }
  | { readonly type: 'models' }
  | { readonly type: 'new-project' }
  | { readonly type: 'rename-project'; readonly project: Project }
  | { readonly type: 'delete-project'; readonly project: Project; readonly chatCount: number }
  | { readonly type: 'rename-chat'; readonly chat: Chat }
  | { readonly type: 'delete-chat'; readonly chat: Chat };

export class ShellState {
  layer = $state.raw<Layer | null>(null);
  /** The sheet that stands in for the sidebar on narrow screens. */
  isSheetOpen = $state(false);
  #isSidebarOpen = $state(true);
  readonly #narrow = new MediaQuery('(max-width: 52rem)');
  readonly #closedFlag: StoredFlag;

  constructor(closedFlag: StoredFlag) {
    this.#closedFlag = closedFlag;
    this.#isSidebarOpen = !closedFlag.value;
  }

  get isNarrow(): boolean {
    return this.#narrow.current;
  }

  get isSidebarShown(): boolean {
    return this.isNarrow ? this.isSheetOpen : this.#isSidebarOpen;
  }

  /** True while Esc belongs to something other than the answer. */
  get hasLayer(): boolean {
    return this.layer !== null || this.isSheetOpen;
  }

  toggleSidebar(): void {
    if (this.isNarrow) {
      this.isSheetOpen = !this.isSheetOpen;
      return;
    }
    this.#isSidebarOpen = !this.#isSidebarOpen;
    this.#closedFlag.value = !this.#isSidebarOpen;
  }

  openMenu(anchor: HTMLElement, items: readonly MenuItem[]): void {
    this.layer = { type: 'menu', anchor, items };
  }

  closeLayer(): void {
    this.layer = null;
  }
}

export function createShellState(closedFlag: StoredFlag): ShellState {
  return new ShellState(closedFlag);
}
