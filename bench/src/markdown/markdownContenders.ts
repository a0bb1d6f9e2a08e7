/** Lists the renderers that are compared. */

export interface MarkdownContender {
  readonly name: string;
  readonly label: string;
  /** The script of its page, relative to this folder. */
  readonly entry: string;
  /** True when a whole stream of a long document would take minutes to hours. */
  readonly isSlow: boolean;
}

export const markdownContenders: readonly MarkdownContender[] = [
  { name: 'text', label: 'plain text, a block per line (floor)', entry: 'page/plainText.ts', isSlow: false },
  { name: 'smd', label: 'streaming-markdown', entry: 'peers/streamingMarkdown.ts', isSlow: false },
  { name: 'rill', label: 'Rill', entry: 'page/rill.ts', isSlow: false },
  { name: 'marked', label: 'marked + DOMPurify', entry: 'peers/markedDomPurify.ts', isSlow: true },
  { name: 'streamdown', label: 'streamdown', entry: 'peers/streamdown.ts', isSlow: true },
  { name: 'svelte', label: 'svelte-streamdown', entry: 'peers/svelteStreamdown.ts', isSlow: true },
];
