/**
 * Remembers the positions of blocks in a scroll container, and computes how far a new layout has moved them. Only what
 * is in view is measured: measuring skipped contents would force their layout.
 */

export interface HeldBlock {
  readonly element: Element;
  /** From the top of the container to the top of the block; negative above it. */
  readonly offsetPx: number;
}

/** Deep enough for a list item of an answer: message, body, markdown, list, item. */
const maxDepth = 8;

export function holdBlock(element: Element, container: Element): HeldBlock {
  return { element, offsetPx: offsetOf(element, container) };
}

/**
 * The block of `content` at the top of what is in view, the finest first, then those around it: one of them is still
 * there when the finest is drawn again.
 */
export function holdTopBlocks(content: Element, container: Element): HeldBlock[] {
  const held: HeldBlock[] = [];
  const topPx = container.getBoundingClientRect().top;
  let around = content;
  while (held.length < maxDepth) {
    const block = firstBelow(around.children, topPx);
    if (!block) break;
    const offsetPx = block.getBoundingClientRect().top - topPx;
    held.unshift({ element: block, offsetPx });
    if (offsetPx >= 0) break;
    around = block;
  }
  return held;
}

/** How far the first block that is still there has moved down; 0 when none is. */
export function movedDownPx(blocks: readonly HeldBlock[], container: Element): number {
  const block = blocks.find(({ element }) => element.isConnected);
  return block ? offsetOf(block.element, container) - block.offsetPx : 0;
}

function offsetOf(element: Element, container: Element): number {
  return element.getBoundingClientRect().top - container.getBoundingClientRect().top;
}

/** Blocks follow each other downwards, so that a long chat costs as many measurements as its length has digits. */
function firstBelow(blocks: HTMLCollection, topPx: number): Element | undefined {
  let from = 0;
  let to = blocks.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const bottomPx = blocks[middle]?.getBoundingClientRect().bottom ?? 0;
    if (bottomPx > topPx) to = middle;
    else from = middle + 1;
  }
  return blocks[from];
}
