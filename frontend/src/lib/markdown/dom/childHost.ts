/**
 * Holds the children of one element and the objects that draw them. Settled children are drawn once and not checked
 * again.
 */
import type { ElementNode, TreeNode } from '../tree/tree.ts';
import { type Grouping, NodeGroups } from './nodeGroups.ts';

/** Draws a child. */
export interface DrawnChild {
  readonly dom: ChildNode;
  /** Elements that follow `dom` and are part of it. */
  readonly trailing: readonly HTMLElement[];
  readonly caretHost: Element | null;
  update(node: TreeNode, isRedrawn: boolean): boolean;
  extend(text: string): boolean;
  /** False when another script has moved or removed a node of it. */
  readonly isIntact: boolean;
  destroy(): void;
}

export class ChildHost {
  readonly #element: HTMLElement;
  readonly #draw: (node: TreeNode) => DrawnChild;
  readonly #groups: NodeGroups;
  readonly #children: DrawnChild[] = [];
  #settledCount = 0;

  constructor(element: HTMLElement, grouping: Grouping | null, draw: (node: TreeNode) => DrawnChild) {
    this.#element = element;
    this.#groups = new NodeGroups(element, grouping);
    this.#draw = draw;
  }

  get trailing(): readonly HTMLElement[] {
    return this.#groups.trailing;
  }

  get count(): number {
    return this.#children.length;
  }

  /** The node that shows the child at `index`. */
  domAt(index: number): ChildNode | null {
    return this.#children[index]?.dom ?? null;
  }

  get caretHost(): Element {
    const inner = this.#children.at(-1);
    const isBlock = inner?.dom instanceof Element && blockTags.has(inner.dom.tagName);
    return (isBlock ? inner.caretHost : null) ?? this.#element;
  }

  /** False when another script has moved or removed a node of it. */
  get isIntact(): boolean {
    return this.#children.every((child) => this.#groups.holds(child.dom) && child.isIntact);
  }

  update({ children, settledCount = 0 }: ElementNode, isRedrawn: boolean): void {
    let from = isRedrawn ? 0 : Math.min(this.#settledCount, settledCount);
    // Nodes that another script has inserted are removed with them.
    if (this.#children.slice(from).some((child) => !this.#groups.holds(child.dom))) {
      this.clear();
      from = 0;
    }
    for (let index = from; index < children.length; index += 1) {
      const node = children[index];
      if (node) this.show(index, node, isRedrawn);
    }
    this.truncate(children.length);
    this.#settledCount = settledCount;
  }

  /** Draws `node` at `index`: in place of a child, or after the last one. */
  show(index: number, node: TreeNode, isRedrawn: boolean): void {
    const known = this.#children[index];
    if (known?.update(node, isRedrawn)) return;
    const created = this.#draw(node);
    this.#children[index] = created;
    if (known) {
      known.destroy();
      known.dom.replaceWith(created.dom);
    } else {
      this.#groups.append(created.dom, index);
    }
    created.dom.after(...created.trailing);
  }

  /** Removes all children from index `count` on. */
  truncate(count: number): void {
    if (this.#children.length <= count) return;
    for (const surplus of this.#children.splice(count)) {
      surplus.destroy();
      surplus.dom.remove();
    }
    this.#groups.trim(count);
  }

  /** Removes all children, and everything else in the element. */
  clear(): void {
    for (const child of this.#children.splice(0)) child.destroy();
    this.#groups.clear();
    this.#settledCount = 0;
  }

  extend(text: string): boolean {
    const last = this.#children.at(-1);
    return last !== undefined && this.#groups.holds(last.dom) && last.extend(text);
  }

  destroy(): void {
    for (const child of this.#children) child.destroy();
    for (const element of this.trailing) element.remove();
  }
}

const blockTags: ReadonlySet<string> = new Set(
  'P H1 H2 H3 H4 H5 H6 BLOCKQUOTE UL OL LI THEAD TBODY TR TH TD FIGURE DIV'.split(' '),
);
