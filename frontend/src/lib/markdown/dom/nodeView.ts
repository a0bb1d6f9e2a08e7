/**
 * Turns one node of the tree into the DOM node that shows it. `update` changes only what differs and reports whether it
 * could. DOM nodes come only from createElement and createTextNode, and stay while their kind stays the same.
 */
import { isSameTree, type TreeNode } from '../tree/tree.ts';
import { ChildHost } from './childHost.ts';
import { CodeBlockView } from './code/codeBlockView.ts';
import { createElement, setAttributes } from './elements.ts';
import { createImageCard } from './imageCard.ts';
import type { DocumentDrawing } from './markdownDrawing.ts';
import { createMath } from './math/mathView.ts';
import { groupingOf } from './nodeGroups.ts';
import { TableFrame } from './tableFrame.ts';
import { TextView } from './textView.ts';

export class NodeView {
  readonly dom: ChildNode;
  readonly #text: TextView | null = null;
  readonly #codeBlock: CodeBlockView | null = null;
  readonly #tableFrame: TableFrame | null = null;
  readonly #element: HTMLElement | null = null;
  readonly #host: ChildHost | null = null;
  #node: TreeNode;

  constructor(node: TreeNode, drawing: DocumentDrawing) {
    this.#node = node;
    switch (node.kind) {
      case 'text':
        this.#text = new TextView(node.text);
        this.dom = this.#text.dom;
        break;
      case 'task':
        this.dom = createTaskBox(node.isDone, drawing);
        break;
      case 'image':
        this.dom = createImageCard(node, drawing);
        break;
      case 'math':
        this.dom = createMath(node, drawing);
        break;
      case 'code':
        this.#codeBlock = new CodeBlockView(node, drawing);
        this.dom = this.#codeBlock.element;
        break;
      case 'element': {
        this.#element = createElement(node, drawing.headings);
        this.#host = new ChildHost(
          this.#element,
          groupingOf(node.name),
          (child) => new NodeView(child, drawing),
        );
        this.#host.update(node, true);
        this.#tableFrame = node.name === 'table' ? new TableFrame(this.#element, drawing) : null;
        this.dom = this.#tableFrame?.element ?? this.#element;
      }
    }
  }

  get trailing(): readonly HTMLElement[] {
    return this.#host?.trailing ?? [];
  }

  /** The element after whose last character a caret is drawn. */
  get caretHost(): Element | null {
    return this.#codeBlock?.caretHost ?? this.#host?.caretHost ?? null;
  }

  get isIntact(): boolean {
    return this.#text?.isIntact ?? this.#codeBlock?.isIntact ?? this.#host?.isIntact ?? true;
  }

  /**
   * Shows `node`; false when it is of another kind and needs a new DOM node. Children that were already settled are
   * compared only with `isRedrawn`.
   */
  update(node: TreeNode, isRedrawn: boolean): boolean {
    if (node.kind === 'element') return this.#updateElement(node, isRedrawn);
    if (node.kind === 'code') {
      if (!this.#codeBlock?.isIntact) return false;
      this.#codeBlock.update(node, isRedrawn);
    } else if (node.kind === 'text') {
      if (this.#text?.update(node.text) !== true) return false;
    } else if (!isSameTree(this.#node, node)) {
      return false;
    }
    this.#node = node;
    return true;
  }

  /** Adds to the last text in this node; false when there is none. */
  extend(text: string): boolean {
    if (this.#codeBlock) return this.#codeBlock.extend(text);
    if (this.#host) return this.#host.extend(text);
    return this.#text?.extend(text) ?? false;
  }

  destroy(): void {
    this.#codeBlock?.destroy();
    this.#tableFrame?.destroy();
    this.#host?.destroy();
  }

  #updateElement(node: TreeNode & { kind: 'element' }, isRedrawn: boolean): boolean {
    if (!this.#element || !this.#host || this.#node.kind !== 'element' || this.#node.name !== node.name)
      return false;
    setAttributes(this.#element, node);
    this.#host.update(node, isRedrawn);
    this.#tableFrame?.fixColumns();
    this.#node = node;
    return true;
  }
}

function createTaskBox(isDone: boolean, drawing: DocumentDrawing): HTMLElement {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.className = 'task-box';
  box.disabled = true;
  box.checked = isDone;
  box.setAttribute('aria-label', isDone ? drawing.labels.taskDone : drawing.labels.taskOpen);
  return box;
}
