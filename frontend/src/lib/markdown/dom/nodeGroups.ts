/**
 * Decides where the children of one element are put. The first ones are its own children; later ones go into groups
 * with their own layout, so that another child costs the layout of its group and not of all siblings.
 */

export interface Grouping {
  /** Number of direct children of the element, and of children in each group after them. */
  readonly size: number;
  readonly create: () => HTMLElement;
}

export class NodeGroups {
  readonly #element: HTMLElement;
  readonly #grouping: Grouping | null;
  readonly #groups: HTMLElement[] = [];
  /** The element and all groups. */
  readonly #hosts: Set<Node>;

  constructor(element: HTMLElement, grouping: Grouping | null) {
    this.#element = element;
    this.#grouping = grouping;
    this.#hosts = new Set([element]);
  }

  /** Adds the child with this index, which follows the last one. */
  append(node: ChildNode, index: number): void {
    const group = this.#grouping ? Math.floor(index / this.#grouping.size) - 1 : -1;
    (group < 0 ? this.#element : this.#groupAt(group)).append(node);
  }

  /** True for a child that is still where it was put. A translation moves texts elsewhere. */
  holds({ parentNode }: ChildNode): boolean {
    return parentNode !== null && this.#hosts.has(parentNode);
  }

  /** Removes all children from the element. */
  clear(): void {
    this.#removeFrom(0);
    this.#element.replaceChildren();
  }

  /** Groups that follow the element: they are inserted and moved together with it. */
  get trailing(): readonly HTMLElement[] {
    return this.#groups.filter((group) => isBody(group));
  }

  /** Removes groups that `count` children do not need. */
  trim(count: number): void {
    if (!this.#grouping) return;
    const needed = Math.max(0, Math.ceil(count / this.#grouping.size) - 1);
    this.#removeFrom(needed);
    if (this.#groups.length === 0 && this.#grouping === itemGroups) this.#element.removeAttribute('role');
  }

  #removeFrom(first: number): void {
    for (const group of this.#groups.splice(first)) {
      this.#hosts.delete(group);
      group.remove();
    }
  }

  #groupAt(index: number): HTMLElement {
    const known = this.#groups[index];
    if (known) return known;
    const created = this.#grouping?.create() ?? this.#element;
    this.#groups.push(created);
    this.#hosts.add(created);
    this.#attach(created);
    return created;
  }

  /** Inserts a group: bodies of a table follow each other, all other groups are inside the element. */
  #attach(group: HTMLElement): void {
    if (isBody(group)) (this.#groups.at(-2) ?? this.#element).after(group);
    else this.#element.append(group);
    // With groups in it, it is a list only by its role: assistive technology then looks through the groups.
    if (this.#grouping === itemGroups) this.#element.setAttribute('role', 'list');
  }
}

function isBody(group: HTMLElement): boolean {
  return group.tagName === 'TBODY';
}

function group(className: string): Grouping {
  return {
    size: 32,
    create: () => {
      const element = document.createElement('div');
      element.className = className;
      return element;
    },
  };
}

export const blockGroups: Grouping = group('block-group');

const itemGroups: Grouping = {
  size: 32,
  create: () => {
    const element = group('list-group').create();
    element.setAttribute('role', 'presentation');
    return element;
  },
};

const rowGroups: Grouping = { size: 64, create: () => document.createElement('tbody') };

/** How the children of such an element are grouped; null for elements that have few. */
export function groupingOf(name: string): Grouping | null {
  if (name === 'ul' || name === 'ol') return itemGroups;
  return name === 'tbody' ? rowGroups : null;
}
