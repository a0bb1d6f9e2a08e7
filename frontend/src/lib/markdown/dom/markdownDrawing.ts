/** Defines what drawing needs from its caller: labels, the clipboard, and what all texts of a page share. */

import type { HeadingLevels } from './headingLevels.ts';
import type { PageDrawing } from './pageDrawing.ts';

export interface MarkdownLabels {
  /** Shown where a code block names no language. */
  readonly code: string;
  readonly copy: string;
  readonly copied: string;
  readonly copyFailed: string;
  readonly copyCode: string;
  readonly download: string;
  /** The labels of a code block that is still being written. */
  readonly downloadPartial: string;
  readonly wrap: string;
  readonly codeRegion: (language: string) => string;
  readonly table: string;
  readonly copyTableMarkdown: string;
  readonly copyTableCsv: string;
  /** Shown with the source of a formula that is not drawn because it would block the page. */
  readonly formulaTooLarge: string;
  readonly taskDone: string;
  readonly taskOpen: string;
  readonly image: string;
  readonly loadImage: string;
  readonly imageFailed: string;
}

export interface MarkdownDrawing {
  readonly page: PageDrawing;
  readonly labels: MarkdownLabels;
  /** Resolves to false when the clipboard refuses. */
  readonly copyText: (text: string) => Promise<boolean>;
  /** Called after a streamed text was compared with a whole parse, with the number of blocks that were drawn again. */
  readonly onVerified?: (repairs: number) => void;
}

/** As above, for the parts of one document. */
export interface DocumentDrawing extends MarkdownDrawing {
  readonly headings: HeadingLevels;
}

export type ButtonIcon = 'copy' | 'download' | 'wrap';

/** Makes a button that shows an icon. Its words are for screen readers and for a pointer that stays on it. */
export function createIconButton(icon: ButtonIcon, words: string, label = words): HTMLButtonElement {
  const button = createButton('block-button is-icon', words, label);
  button.dataset.icon = icon;
  button.title = label;
  return button;
}

/** Makes a plain button with the page's style. */
export function createButton(className: string, words: string, label = words): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = className;
  button.textContent = words;
  if (label !== words) button.setAttribute('aria-label', label);
  return button;
}
