/**
 * Writes the tree of a text as HTML for a separate page: closed elements and attributes, everything else as text, no
 * script, and no address that a page fetches by itself. A picture is a link.
 */
import type { CodeNode, ElementNode, ImageNode, MathNode, TreeNode } from './tree.ts';

export interface TreeHtmlOptions {
  /** HTML of a formula; null for one that is shown as its source. */
  readonly formula: (source: string, isDisplay: boolean) => string | null;
}

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Escapes text for use between tags and in an attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (letter) => replacements[letter] ?? letter);

const emptyNames: ReadonlySet<string> = new Set(['br', 'hr']);
/** Elements that have the direction of their first letter. */
const directedNames: ReadonlySet<string> = new Set(
  'p h1 h2 h3 h4 h5 h6 blockquote ul ol li table'.split(' '),
);

export function treeHtml(nodes: readonly TreeNode[], options: TreeHtmlOptions): string {
  return nodes.map((node) => nodeHtml(node, options)).join('');
}

function nodeHtml(node: TreeNode, options: TreeHtmlOptions): string {
  switch (node.kind) {
    case 'text':
      return escapeHtml(node.text);
    case 'element':
      return elementHtml(node, options);
    case 'code':
      return codeHtml(node);
    case 'image':
      return imageHtml(node);
    case 'math':
      return mathHtml(node, options);
    case 'task':
      return node.isDone ? '☑ ' : '☐ ';
  }
}

function elementHtml({ name, attributes, children }: ElementNode, options: TreeHtmlOptions): string {
  const { href, title, start, align, span, tight, alert } = attributes;
  const given: readonly (readonly [string, string | undefined])[] = [
    ['href', href],
    ['rel', href && 'noopener noreferrer'],
    ['title', title],
    ['start', start],
    ['style', align && `text-align:${align}`],
    ['colspan', span],
    ['class', tight ? 'tight' : alert && `alert ${alert}`],
    ['dir', directedNames.has(name) ? 'auto' : undefined],
  ];
  const written = given.map(([key, value]) => (value ? ` ${key}="${escapeHtml(value)}"` : '')).join('');
  if (emptyNames.has(name)) return `<${name}${written}>`;
  return `<${name}${written}>${treeHtml(children, options)}</${name}>`;
}

function codeHtml({ language, chunks }: CodeNode): string {
  const name = language ? `<span class="language">${escapeHtml(language)}</span>` : '';
  return `<pre>${name}<code>${escapeHtml(chunks.join(''))}</code></pre>`;
}

function imageHtml({ url, alternativeText, host }: ImageNode): string {
  const words = escapeHtml(alternativeText || host);
  return url ? `<a href="${escapeHtml(url)}" rel="noopener noreferrer">${words}</a>` : words;
}

function mathHtml({ source, isDisplay, isClosed }: MathNode, { formula }: TreeHtmlOptions): string {
  const drawn = isClosed ? formula(source, isDisplay) : null;
  const html = drawn ?? `<code>${escapeHtml(source)}</code>`;
  return isDisplay ? `<div class="formula">${html}</div>` : html;
}
