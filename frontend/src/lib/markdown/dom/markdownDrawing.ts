/** What drawing needs from outside: words for people, and the clipboard. */

import type { HeadingLevels } from './headingLevels.ts';

export interface MarkdownLabels {
  /** Shown where a code block names no language. */
  readonly code: string;
  readonly copy: string;
  readonly copied: string;
  readonly copyFailed: string;
  readonly copyCode: string;
  readonly download: string;
  /** Of a code block that is still written. */
  readonly downloadPartial: string;
  readonly wrap: string;
  readonly lines: (count: number) => string;
  readonly codeRegion: (language: string) => string;
  readonly table: string;
  readonly copyTableMarkdown: string;
  readonly copyTableCsv: string;
  readonly taskDone: string;
  readonly taskOpen: string;
  readonly image: string;
  readonly loadImage: string;
  readonly imageFailed: string;
}

export interface MarkdownDrawing {
  readonly labels: MarkdownLabels;
  /** Resolves to false when the clipboard refuses. */
  readonly copyText: (text: string) => Promise<boolean>;
  /** Called when a streamed text was compared with a whole parse, with the blocks that had to be drawn anew. */
  readonly onVerified?: (repairs: number) => void;
}

/** The same for the parts of one document. */
export interface DocumentDrawing extends MarkdownDrawing {
  readonly headings: HeadingLevels;
}

/** A button that says what came of a click for a moment. */
export function createButton(className: string, words: string, label = words): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = className;
  button.textContent = words;
  if (label !== words) button.setAttribute('aria-label', label);
  return button;
}
