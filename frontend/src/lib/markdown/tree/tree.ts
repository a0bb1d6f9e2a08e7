/**
 * Defines the plain tree between markdown tokens and the code that draws them. Nothing else can appear: elements and
 * attributes come from closed lists, all text is text.
 */

export const elementNames = [
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'ul',
  'ol',
  'li',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'hr',
  'br',
  'em',
  'strong',
  's',
  'code',
  'a',
] as const;
export type ElementName = (typeof elementNames)[number];

/**
 * `align` is a table cell's column alignment, `span` the number of columns it covers; `href` is an allowed, absolute
 * URL. `tight` marks a list whose items are drawn without gaps. Their paragraphs are in the tree either way, so that a
 * list can become loose without a change to its items. `alert` is the name of an alert, such as `tip`, on its quote.
 */
export type AttributeName = 'href' | 'title' | 'start' | 'align' | 'span' | 'tight' | 'alert';
export type TreeAttributes = Readonly<Partial<Record<AttributeName, string>>>;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
}

export interface ElementNode {
  readonly kind: 'element';
  readonly name: ElementName;
  readonly attributes: TreeAttributes;
  readonly children: readonly TreeNode[];
  /**
   * For an element that is still written: the children before this index are final. `children` is then one array that
   * grows, so only the children from this index on have to be compared.
   */
  readonly settledCount?: number;
}

/** A code block. Its text is `chunks` joined; every chunk but the last holds `linesPerCodeChunk` whole lines. */
export interface CodeNode {
  readonly kind: 'code';
  /** First word of the info string, lower case; empty when there is none. */
  readonly language: string;
  readonly chunks: readonly string[];
  /** True while lines may still be added. */
  readonly isOpen: boolean;
}

/** An image is never loaded by itself: it is shown as a card with its description and its host. */
export interface ImageNode {
  readonly kind: 'image';
  readonly alternativeText: string;
  /** Null while the block is open, and for an address that is not allowed. */
  readonly url: string | null;
  readonly host: string;
}

/** A formula in TeX. */
export interface MathNode {
  readonly kind: 'math';
  readonly source: string;
  /** On a line of its own. */
  readonly isDisplay: boolean;
  /** False when its closing delimiter never came: then it is shown as its source. */
  readonly isClosed: boolean;
}

/** The box of a task list item. */
export interface TaskNode {
  readonly kind: 'task';
  readonly isDone: boolean;
}

export type TreeNode = TextNode | ElementNode | CodeNode | ImageNode | MathNode | TaskNode;

/** Lines per chunk of a code block: a drawn chunk that is full is never laid out again. */
export const linesPerCodeChunk = 32;

const knownElementNames: ReadonlySet<string> = new Set(elementNames);

export function isElementName(name: string): name is ElementName {
  return knownElementNames.has(name);
}

/** Cuts the text of a code block into chunks of `linesPerCodeChunk` lines. */
export function chunkCode(text: string): string[] {
  const chunks: string[] = [];
  let startOffset = 0;
  let lineCount = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    lineCount += 1;
    if (lineCount % linesPerCodeChunk !== 0) continue;
    chunks.push(text.slice(startOffset, end + 1));
    startOffset = end + 1;
  }
  if (startOffset < text.length) chunks.push(text.slice(startOffset));
  return chunks;
}

/** True when both trees have the same drawing. */
export function isSameTree(left: TreeNode, right: TreeNode): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'text':
      return right.kind === 'text' && left.text === right.text;
    case 'task':
      return right.kind === 'task' && left.isDone === right.isDone;
    case 'math':
      return (
        right.kind === 'math' &&
        left.source === right.source &&
        left.isDisplay === right.isDisplay &&
        left.isClosed === right.isClosed
      );
    case 'image':
      return (
        right.kind === 'image' &&
        left.url === right.url &&
        left.host === right.host &&
        left.alternativeText === right.alternativeText
      );
    case 'code':
      return (
        right.kind === 'code' &&
        left.language === right.language &&
        left.isOpen === right.isOpen &&
        left.chunks.length === right.chunks.length &&
        left.chunks.every((chunk, index) => chunk === right.chunks[index])
      );
    case 'element':
      return right.kind === 'element' && isSameElement(left, right);
  }
}

function isSameElement(left: ElementNode, right: ElementNode): boolean {
  return (
    left.name === right.name &&
    isSameAttributes(left.attributes, right.attributes) &&
    left.children.length === right.children.length &&
    left.children.every((child, index) => {
      const other = right.children[index];
      return other !== undefined && isSameTree(child, other);
    })
  );
}

export function isSameAttributes(left: TreeAttributes, right: TreeAttributes): boolean {
  return (
    left.href === right.href &&
    left.title === right.title &&
    left.start === right.start &&
    left.align === right.align &&
    left.span === right.span &&
    left.tight === right.tight &&
    left.alert === right.alert
  );
}
