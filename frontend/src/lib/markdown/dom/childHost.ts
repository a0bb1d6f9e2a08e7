/** The children of one element with what draws them. Settled children are drawn once and not looked at again. */
import type { ElementNode, TreeNode } from '../tree.ts';
import { type Grouping, NodeGroups } from './nodeGroups.ts';

/** What draws a child. */
export interface DrawnChild {
  readonly dom: ChildNode;
  /** Elements that stand behind `dom` and belong to it. */
  readonly trailing: readonly HTMLElement[];
  readonly caretHost: Element | null;
  update(node: TreeNode, isRedrawn: boolean): boolean;
  extend(text: string): boolean;
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

  get caretHost(): Element {
    const inner = this.#children.at(-1);
    const isBlock = inner?.dom instanceof Element && blockTags.has(inner.dom.tagName);
    return (isBlock ? inner.caretHost : null) ?? this.#element;
  }

  update({ children, settledCount = 0 }: ElementNode, isRedrawn: boolean): void {
    const from = isRedrawn ? 0 : Math.min(this.#settledCount, settledCount);
    for (let index = from; index < children.length; index += 1) {
      const node = children[index];
      if (node) this.show(index, node, isRedrawn);
    }
    this.truncate(children.length);
    this.#settledCount = settledCount;
  }

  /** Draws `node` at `index`, which is at most one behind the last child. */
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

  /** Takes away all children from `count` on. */
  truncate(count: number): void {
    if (this.#children.length <= count) return;
    for (const surplus of this.#children.splice(count)) {
      surplus.destroy();
      surplus.dom.remove();
    }
    this.#groups.trim(count);
  }

  extend(text: string): boolean {
    return this.#children.at(-1)?.extend(text) ?? false;
  }

  destroy(): void {
    for (const child of this.#children) child.destroy();
    for (const element of this.trailing) element.remove();
  }
}

const blockTags: ReadonlySet<string> = new Set(
  'P H1 H2 H3 H4 H5 H6 BLOCKQUOTE UL OL LI THEAD TBODY TR TH TD FIGURE DIV'.split(' '),
);
