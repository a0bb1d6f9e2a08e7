/** Holds what is shown over the page: the sidebar, and at most one overlay (menu, dialog, picker). */
import type { Chat, Project, Prompt } from '@rill/protocol';
import { MediaQuery } from 'svelte/reactivity';
import type { UploadTarget } from '../../chat/files/fileUploads.svelte.ts';
import type { PromptLibrary } from '../../chat/prompts/promptLibrary.svelte.ts';
import type { StoredFlag } from '../../chat/storage/storedFlag.ts';
import type { LatePart } from './latePart.svelte.ts';

export interface MenuItem {
  readonly label: string;
  readonly isDangerous?: boolean;
  readonly onSelect: () => void;
}

/** A picture to show large. */
export interface ShownPicture {
  readonly fileId: string;
  readonly name: string;
  /** Null when not known. */
  readonly width: number | null;
  readonly height: number | null;
  readonly source: string;
}

/** The shown chat or project that accepts files. */
export interface FileTarget {
  readonly target: UploadTarget;
  /** The effect of a drop, in words. */
  readonly words: string;
  /** The number of files that it can still accept. */
  readonly room: number;
  readonly limit: number;
  /** Shows beside it that some were left out; null for none. */
  readonly noteLeftOut: (message: string | null) => void;
}

/** A prompt to edit, or a text to save as one. `library`: the list that shows what was saved. */
export interface PromptLayer {
  readonly type: 'prompt';
  readonly prompt?: Prompt;
  readonly content?: string;
  readonly library?: PromptLibrary;
}

/** The one layer that Esc closes first. */
export type Layer =
  | { readonly type: 'menu'; readonly anchor: HTMLElement; readonly items: readonly MenuItem[] }
  /** `retryOf`: the answer that is written again with the model that is chosen. */
  | { readonly type: 'models'; readonly retryOf?: string }
  /** How the shown chat is answered. */
  | { readonly type: 'parameters' }
  | { readonly type: 'reading' }
  /** The search, and all commands. */
  | { readonly type: 'palette' }
  /** The questions of the shown chat. */
  | { readonly type: 'outline' }
  /** All keys. */
  | { readonly type: 'help' }
  | { readonly type: 'new-project' }
  | { readonly type: 'rename-project'; readonly project: Project }
  /** `chatCount`: null when it has more than were read. */
  | { readonly type: 'delete-project'; readonly project: Project; readonly chatCount: number | null }
  | PromptLayer
  | { readonly type: 'deleted-messages' }
  /** The content of the shown chat's next request. */
  | { readonly type: 'context' }
  | { readonly type: 'picture'; readonly picture: ShownPicture }
  | { readonly type: 'rename-chat'; readonly chat: Chat }
  | { readonly type: 'export-chat'; readonly chat: Chat }
  | { readonly type: 'delete-chat'; readonly chat: Chat }
  | { readonly type: 'project-settings'; readonly project: Project }
  | { readonly type: 'move-chats'; readonly chats: readonly Chat[] }
  | { readonly type: 'stored-chats'; readonly mark: 'archived' | 'deleted' };

/** A message to show and what to mark in it. */
export interface Jump {
  readonly chatId: string;
  readonly messageId: string;
  /** Folded, as a search has them. */
  readonly terms: readonly string[];
}

export class ShellState {
  /** The dialog that was requested last. */
  layer = $state.raw<Layer | null>(null);
  /** The dialog that is drawn, once its part of the page is loaded: only this one handles keys. */
  shown = $state.raw<Layer | null>(null);
  /** Text that was typed into the requested dialog before it was drawn. */
  #typedAhead = '';
  /** The message at which the shown chat, or the one that is being opened, is to be read. */
  jump = $state.raw<Jump | null>(null);
  /** Goes to the end of the shown chat and follows it; null while that is done already, or no chat is shown. */
  followEnd: (() => void) | null = null;
  /** What accepts files on a page without a chat; null where nothing does. */
  fileTarget: (() => FileTarget) | null = null;
  /** What accepts files that are given inside of it, in place of the shown chat; null where nothing does. */
  innerTarget: { readonly element: Element; readonly of: () => FileTarget } | null = null;
  /** True after a part of the page could not be loaded, until that was read. */
  hasFailedPart = $state(false);
  /** The sheet that replaces the sidebar on narrow screens. */
  isSheetOpen = $state(false);
  #fetchesAhead = 0;
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
    return this.shown !== null || this.isSheetOpen;
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
    this.shown = null;
    this.#typedAhead = '';
  }

  /** Keeps a letter, or an Enter, for the search box of a dialog that is still loading. False where none is. */
  typeAhead(key: string): boolean {
    if (this.layer?.type !== 'palette' || this.layer === this.shown) return false;
    this.#typedAhead += key === 'Enter' ? '\n' : key;
    return true;
  }

  /** The kept keys, for the dialog that handles them: the letters up to the first Enter. */
  takeTypedAhead(): { readonly text: string; readonly isEntered: boolean } {
    const [text = '', ...rest] = this.#typedAhead.split('\n');
    this.#typedAhead = '';
    return { text, isEntered: rest.length > 0 };
  }

  /** Fetches parts before they are needed; a failure is not reported. */
  async fetchAhead(load: () => Promise<unknown>): Promise<void> {
    this.#fetchesAhead += 1;
    await load();
    this.#fetchesAhead -= 1;
  }

  /** Handles a part that could not be loaded, which is reported unless it was fetched ahead. */
  notePartFailure(): void {
    if (this.#fetchesAhead === 0) this.hasFailedPart = true;
  }

  /** Draws the requested dialog once its part is loaded. If it cannot be loaded, nothing remains of the request. */
  async show(layer: Layer | null, part: Pick<LatePart<unknown>, 'part' | 'load'> | null): Promise<void> {
    this.shown = part && part.part === null ? null : layer;
    if (!part || part.part !== null) return;
    const isLoaded = await part.load();
    if (!isLoaded) this.hasFailedPart = true;
    if (this.layer !== layer) return;
    if (isLoaded) this.shown = layer;
    else this.closeLayer();
  }
}
