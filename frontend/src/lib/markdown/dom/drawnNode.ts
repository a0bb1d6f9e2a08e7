/**
 * One node of the tree with the DOM node that shows it.
 * `update` changes only what differs and says whether it could; DOM nodes are made with createElement and text nodes
 * alone, and never replaced while their kind stays the same.
 */
import {
  type AttributeName,
  type ElementNode,
  type ImageNode,
  isSameAttributes,
  isSameTree,
  type TreeNode,
} from '../tree.ts';
import { CodeBlockView } from './codeBlockView.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';

export class DrawnNode {
  readonly dom: ChildNode;
  readonly #drawing: MarkdownDrawing;
  readonly #codeBlock: CodeBlockView | null = null;
  /** The element that holds the children; inside `dom` when a frame surrounds it. */
  readonly #host: HTMLElement | null = null;
  #children: DrawnNode[] = [];
  #node: TreeNode;

  constructor(node: TreeNode, drawing: MarkdownDrawing) {
    this.#node = node;
    this.#drawing = drawing;
    switch (node.kind) {
      case 'text':
        this.dom = document.createTextNode(node.text);
        break;
      case 'task':
        this.dom = createTaskBox(node.isDone, drawing);
        break;
      case 'image':
        this.dom = createImageCard(node, drawing);
        break;
      case 'code':
        this.#codeBlock = new CodeBlockView(node, drawing);
        this.dom = this.#codeBlock.element;
        break;
      case 'element':
        this.#host = document.createElement(node.name);
        placeHeading(this.#host, node.name);
        setAttributes(this.#host, node);
        this.dom = node.name === 'table' ? createTableBox(this.#host, drawing) : this.#host;
        this.#children = updateDrawn([], node.children, this.#host, drawing);
    }
  }

  /** False when `node` is of another kind and needs a new DOM node. */
  update(node: TreeNode): boolean {
    const shown = this.#node;
    if (isSameTree(shown, node)) return true;
    if (node.kind === 'text' && this.dom instanceof Text) {
      if (node.text.startsWith(this.dom.data)) this.dom.appendData(node.text.slice(this.dom.length));
      else this.dom.data = node.text;
    } else if (node.kind === 'code' && this.#codeBlock) {
      this.#codeBlock.update(node);
    } else if (node.kind === 'element' && this.#canHold(node) && this.#host) {
      if (shown.kind === 'element' && !isSameAttributes(shown.attributes, node.attributes)) {
        setAttributes(this.#host, node);
      }
      this.#children = updateDrawn(this.#children, node.children, this.#host, this.#drawing);
    } else {
      return false;
    }
    this.#node = node;
    return true;
  }

  /** The element behind whose last glyph a caret stands. */
  get caretHost(): Element | null {
    if (this.#codeBlock) return this.#codeBlock.caretHost;
    const lastChild = this.#children.at(-1);
    const inner = lastChild && isBlock(lastChild.#node) ? lastChild.caretHost : null;
    return inner ?? this.#host;
  }

  destroy(): void {
    this.#codeBlock?.destroy();
    for (const child of this.#children) child.destroy();
  }

  #canHold(node: ElementNode): boolean {
    return this.#node.kind === 'element' && this.#node.name === node.name;
  }
}

/** Makes `parent` show `nodes`, from what it shows now; returns what is drawn. */
export function updateDrawn(
  drawn: readonly DrawnNode[],
  nodes: readonly TreeNode[],
  parent: Element,
  drawing: MarkdownDrawing,
): DrawnNode[] {
  const next = nodes.map((node, index) => {
    const known = drawn[index];
    if (known?.update(node)) return known;
    const created = new DrawnNode(node, drawing);
    if (known) {
      known.destroy();
      known.dom.replaceWith(created.dom);
    } else {
      parent.append(created.dom);
    }
    return created;
  });
  for (const surplus of drawn.slice(nodes.length)) {
    surplus.destroy();
    surplus.dom.remove();
  }
  return next;
}

const blockNames: ReadonlySet<string> = new Set(
  'p h1 h2 h3 h4 h5 h6 blockquote ul ol li table thead tbody tr th td'.split(' '),
);

function isBlock(node: TreeNode): boolean {
  return node.kind === 'code' || (node.kind === 'element' && blockNames.has(node.name));
}

const attributeNames: Readonly<Record<AttributeName, string>> = {
  href: 'href',
  title: 'title',
  start: 'start',
  align: 'data-align',
};

/** Level of the heading that names a message; the headings of its text come below it in the page's outline. */
const messageHeadingLevel = 3;

/** Keeps the tag, which copies as what it is, and tells readers of the outline where it stands. */
function placeHeading(element: HTMLElement, name: string): void {
  const [, level] = /^h([1-6])$/.exec(name) ?? [];
  if (level !== undefined) element.setAttribute('aria-level', String(messageHeadingLevel + Number(level)));
}

function setAttributes(element: HTMLElement, node: ElementNode): void {
  for (const [key, name] of Object.entries(attributeNames)) {
    const value = isAttributeName(key) ? node.attributes[key] : undefined;
    if (value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  if (node.name !== 'a') return;
  if (node.attributes.href === undefined) {
    element.removeAttribute('rel');
    element.removeAttribute('target');
  } else {
    element.setAttribute('rel', 'noopener noreferrer');
    element.setAttribute('target', '_blank');
  }
}

function isAttributeName(name: string): name is AttributeName {
  return name in attributeNames;
}

function createTableBox(table: HTMLElement, drawing: MarkdownDrawing): HTMLElement {
  const box = document.createElement('div');
  box.className = 'table-box';
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', drawing.labels.table);
  box.append(table);
  return box;
}

function createTaskBox(isDone: boolean, drawing: MarkdownDrawing): HTMLElement {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.className = 'task-box';
  box.disabled = true;
  box.checked = isDone;
  box.setAttribute('aria-label', isDone ? drawing.labels.taskDone : drawing.labels.taskOpen);
  return box;
}

/** The picture itself is never fetched: the card says what it would show and from where. */
function createImageCard(node: ImageNode, drawing: MarkdownDrawing): HTMLElement {
  const card = document.createElement(node.url === null ? 'span' : 'a');
  card.className = 'image-card';
  if (node.url !== null) {
    card.setAttribute('href', node.url);
    card.setAttribute('rel', 'noopener noreferrer');
    card.setAttribute('target', '_blank');
  }
  const words = node.alternativeText === '' ? drawing.labels.image : node.alternativeText;
  card.append(createPart('image-card-words', words), createPart('image-card-host', node.host));
  return card;
}

function createPart(className: string, text: string): HTMLElement {
  const part = document.createElement('span');
  part.className = className;
  part.textContent = text;
  return part;
}
