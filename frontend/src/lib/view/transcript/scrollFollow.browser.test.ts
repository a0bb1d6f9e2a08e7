import { afterEach, describe, expect, it } from 'vitest';
import { ScrollFollow, type ScrollFollowOptions } from './scrollFollow.svelte.ts';

/** Resolves when a layout and what follows from it have been drawn. */
async function someFrames(count = 4): Promise<void> {
  for (let frame = 0; frame < count; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** A container 400 px high with blocks of 100 px, followed. */
function scrollBox(options: ScrollFollowOptions) {
  const node = document.createElement('div');
  const room = document.createElement('div');
  const column = document.createElement('div');
  node.style.cssText = 'block-size: 400px; overflow-y: auto; overflow-anchor: none';
  room.style.minBlockSize = 'var(--room, 0)';
  column.style.display = 'flow-root';
  room.append(column);
  node.append(room);
  document.body.append(node);
  const blocks = Array.from({ length: 20 }, (_, index) => {
    const block = document.createElement('button');
    block.style.cssText = 'display: block; inline-size: 100%; block-size: 100px; padding: 0; border: 0';
    block.textContent = `Block ${index}`;
    block.ariaExpanded = 'false';
    column.append(block);
    return block;
  });
  const follow: ScrollFollow = new ScrollFollow(options);
  const detach = follow.attach(node);
  return {
    node,
    column,
    follow,
    block: (index: number): HTMLElement => {
      const block = blocks[index];
      if (!block) throw new Error(`There is no block ${index}.`);
      return block;
    },
    /** From the top of the container to that of a block. */
    offsetOf(index: number): number {
      return this.block(index).getBoundingClientRect().top - node.getBoundingClientRect().top;
    },
    distanceToEnd: () => node.scrollHeight - node.clientHeight - node.scrollTop,
    close() {
      if (typeof detach === 'function') detach();
      node.remove();
    },
  };
}

describe('ScrollFollow', () => {
  let box: ReturnType<typeof scrollBox> | null = null;
  const open = async (options: ScrollFollowOptions = { hasScrollAnchoring: true }) => {
    box = scrollBox(options);
    await someFrames();
    return box;
  };

  afterEach(() => {
    box?.close();
    box = null;
  });

  it('is at the end from the first layout, and stays there while the text grows and the view changes its height', async () => {
    const { node, block, distanceToEnd } = await open();
    expect(distanceToEnd()).toBe(0);
    block(19).style.blockSize = '500px';
    await someFrames();
    expect(distanceToEnd()).toBe(0);
    for (const height of ['200px', '500px']) {
      node.style.blockSize = height;
      await someFrames();
      expect(distanceToEnd()).toBe(0);
    }
  });

  it('counts steps up that are each too small', async () => {
    const { node, follow } = await open();
    for (const isFollowing of [true, false]) {
      node.scrollTop -= 2;
      await someFrames();
      expect(follow.isFollowing).toBe(isFollowing);
    }
  });

  it('does not take it for the reader when less is there to scroll', async () => {
    const { column, follow, block } = await open();
    for (let index = 10; index < 20; index += 1) block(index).remove();
    await someFrames();
    expect(column.childElementCount).toBe(10);
    expect(follow.isFollowing).toBe(true);
  });

  it.each([true, false])(
    'does not follow again because something above has grown, anchored by the browser %s',
    async (hasScrollAnchoring) => {
      const { node, follow, block } = await open({ hasScrollAnchoring });
      node.scrollTop -= 30;
      node.style.overflowAnchor = hasScrollAnchoring ? 'auto' : 'none';
      await someFrames();
      expect(follow.isFollowing).toBe(false);
      block(2).style.blockSize = '700px';
      await someFrames();
      expect(follow.isFollowing).toBe(false);
      node.scrollTop += 10;
      await someFrames();
      expect(follow.isFollowing).toBe(true);
    },
  );

  it.each([true, false])(
    'leaves room instead of moving what is in view when that shrinks, following %s',
    async (isFollowing) => {
      const opened = await open({ hasScrollAnchoring: false });
      const { follow, block } = opened;
      await someFrames(16);
      if (!isFollowing) follow.leave();
      const before = opened.offsetOf(16);
      block(18).style.blockSize = '20px';
      await someFrames();
      expect(opened.offsetOf(16)).toBe(before);
      expect(follow.isFollowing).toBe(isFollowing);
      expect(follow.isEndBelow).toBe(false);
    },
  );

  it('leaves no room below what shrinks while it is drawn for the first time', async () => {
    box = scrollBox({ hasScrollAnchoring: true });
    const opened = box;
    await expect.poll(opened.distanceToEnd).toBe(0);
    for (const index of [18, 3, 17]) {
      opened.block(index).style.blockSize = '20px';
      await someFrames(2);
      expect(opened.distanceToEnd()).toBe(0);
    }
    expect(opened.node.scrollHeight).toBe(opened.column.clientHeight);
    expect(opened.follow.isFollowing).toBe(true);
  });

  it('keeps the block at the top in place where the browser does not', async () => {
    const opened = await open({ hasScrollAnchoring: false });
    const { node, block } = opened;
    node.scrollTop = 850;
    await someFrames();
    const before = opened.offsetOf(9);
    for (const height of ['300px', '0', '100px']) {
      block(3).style.blockSize = height;
      await someFrames();
      expect(opened.offsetOf(9)).toBe(before);
    }
    block(19).style.blockSize = '900px';
    await someFrames();
    expect(opened.offsetOf(9)).toBe(before);
  });

  it('keeps a disclosure under the pointer when it opens at the end, and follows no longer', async () => {
    const opened = await open();
    const { follow, block } = opened;
    const before = opened.offsetOf(17);
    block(17).click();
    block(18).style.blockSize = '600px';
    await someFrames();
    expect(opened.offsetOf(17)).toBe(before);
    expect(follow.isFollowing).toBe(false);
    expect(follow.isEndBelow).toBe(true);
    block(17).click();
    block(18).style.blockSize = '100px';
    await someFrames();
    expect(opened.offsetOf(17)).toBe(before);
  });

  it('keeps following when something opens in the answer that is being written', async () => {
    const opened = await open();
    const { follow, block, distanceToEnd } = opened;
    const answer = document.createElement('article');
    answer.ariaBusy = 'true';
    const toggle = block(17);
    toggle.replaceWith(answer);
    answer.append(toggle);
    const before = toggle.getBoundingClientRect().top;
    toggle.click();
    block(18).style.blockSize = '600px';
    await someFrames();
    expect(toggle.getBoundingClientRect().top).toBe(before);
    expect(follow.isFollowing).toBe(true);
    block(18).style.blockSize = '640px';
    await someFrames();
    expect(distanceToEnd()).toBeLessThan(2);
  });

  it('listens to nothing once it is taken off', async () => {
    const { node, follow, close } = await open();
    close();
    node.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 }));
    follow.toEnd();
    expect(follow.isFollowing).toBe(true);
  });
});

describe('what the reader does', () => {
  let box: ReturnType<typeof scrollBox> | null = null;
  const open = async () => {
    box = scrollBox({ hasScrollAnchoring: true });
    await someFrames();
    return box;
  };
  const wheel = (deltaY: number, more: WheelEventInit = {}) =>
    new WheelEvent('wheel', { deltaY, bubbles: true, ...more });

  afterEach(() => {
    box?.close();
    box = null;
  });

  it('leaves the end at once with the wheel, and not with the wheel down or a zoom', async () => {
    const { block, follow } = await open();
    block(17).dispatchEvent(wheel(10));
    block(17).dispatchEvent(wheel(-10, { ctrlKey: true }));
    expect(follow.isFollowing).toBe(true);
    block(17).dispatchEvent(wheel(-1));
    expect(follow.isFollowing).toBe(false);
  });

  it('changes nothing in a box inside that scrolls by itself', async () => {
    const { block, follow } = await open();
    const inner = block(17);
    inner.style.overflowY = 'auto';
    const text = document.createElement('div');
    text.style.blockSize = '400px';
    inner.append(text);
    text.dispatchEvent(wheel(-10));
    text.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageUp', bubbles: true }));
    expect(follow.isFollowing).toBe(true);
  });

  it('changes nothing when it is typed, or when there is nothing above', async () => {
    const { node, column, block, follow } = await open();
    const input = document.createElement('input');
    block(17).replaceWith(input);
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
    expect(follow.isFollowing).toBe(true);
    column.replaceChildren();
    await someFrames();
    node.dispatchEvent(wheel(-10));
    expect(follow.isFollowing).toBe(true);
  });
});
