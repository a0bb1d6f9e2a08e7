/** What drawing needs from outside: words for people, and the clipboard. */

export interface MarkdownLabels {
  /** Shown where a code block names no language. */
  readonly code: string;
  readonly copyCode: string;
  readonly copied: string;
  readonly copyFailed: string;
  readonly table: string;
  readonly taskDone: string;
  readonly taskOpen: string;
  readonly image: string;
  readonly codeRegion: (language: string) => string;
}

export interface MarkdownDrawing {
  readonly labels: MarkdownLabels;
  /** Resolves to false when the clipboard refuses. */
  readonly copyText: (text: string) => Promise<boolean>;
}
