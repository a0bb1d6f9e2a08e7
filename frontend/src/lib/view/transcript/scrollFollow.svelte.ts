/**
 * Keeps the end of a growing transcript in view for a reader who is at the end, and never moves one who is not. Every
 * scroll by this code records its target, so any other scroll event is the reader's. When contents shrink, blank room
 * is left at the end instead of moving what is being read.
 */
import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { type HeldBlock, holdBlock, holdTopBlocks, movedDownPx } from './scrollAnchor.ts';
import { watchScrollIntent } from './scrollIntent.ts';

const unpinAfterUpPx = 3;
const attachWithinPx = 60;
/** In which the text of something that was opened appears. */
const framesUntilDrawn = 2;
/** Without a change of the layout, after which a transcript that was opened counts as drawn. */
const quietFramesUntilOpened = 10;
/** The part of the view that a message of the reader's may fill, so that the answer has room below it. */
const ownMessagePart = 0.4;
const gapAboveOwnMessagePx = 16;

export interface ScrollFollowOptions {
  /** False where the browser lets text jump when something above it changes its height, as Safari does. */
  readonly hasScrollAnchoring: boolean;
}

/*
 * Positions are written at once, never by a spring: a spring writes in every frame in which an answer is drawn, each
 * time the layout of the whole transcript, and for as long as text comes nothing on the page would stand still.
 */
export class ScrollFollow {
  isFollowing = $state(true);
  /** The end of the text is out of view, further down than the distance that counts as being there. */
  isEndBelow = $state(false);
  readonly #options: ScrollFollowOptions;
  #parts: TranscriptParts | null = null;
  /** The scroll position after the last write, or after the reader's last gesture. */
  #expectedTopPx = 0;
  #toEndPx = 0;
  #textHeightPx = 0;
  #widthPx = 0;
  #topBlocks: HeldBlock[] = [];
  #toggle: HeldBlock | null = null;
  #toggleFrame = 0;
  /** The toggled part belongs to the answer that is being written, whose end its reader follows. */
  #isToggleInGrowth = false;
  /** After such a toggle the view stays still until more text arrives. */
  #waitsForGrowth = false;
  /** The message that the reader has just sent, as long as it is at the top and what is below it fits into the view. */
  #own: HeldBlock | null = null;
  #isPressed = false;
  /** True while its messages reach their final height and its reader has not begun to read. */
  #isOpening = true;
  #openingFrame = 0;
  #quietFrames = 0;

  constructor(
    options: ScrollFollowOptions = { hasScrollAnchoring: CSS.supports('overflow-anchor', 'auto') },
  ) {
    this.#options = options;
  }

  /** Put on the scroll container. Its last child has room at its end when need be, and holds the column that grows. */
  readonly attach: Attachment<HTMLElement> = (node) => {
    const room = node.lastElementChild;
    const column = room?.firstElementChild;
    if (!(room instanceof HTMLElement) || !column) throw new Error('The transcript has no column.');
    this.#parts = { node, room, column };
    const observer = new ResizeObserver(() => this.#onLayout());
    observer.observe(node);
    observer.observe(column);
    this.#isOpening = true;
    this.#watchOpening(column);
    const onScroll = () => this.#onScroll();
    node.addEventListener('scroll', onScroll, { passive: true });
    const stopListening = watchScrollIntent(node, {
      onUp: () => this.leave(),
      onEnd: () => this.toEnd(),
      onPress: () => (this.#isPressed = true),
      onRelease: () => this.#onRelease(),
      onToggle: (toggle) => this.#onToggle(toggle),
    });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', onScroll);
      stopListening();
      cancelAnimationFrame(this.#toggleFrame);
      cancelAnimationFrame(this.#openingFrame);
      this.#parts = null;
    };
  };

  /** Follows no longer: the reader does something where they are. */
  leave(): void {
    this.isFollowing = false;
    this.#own = null;
  }

  /** Goes to the end and follows from there. */
  toEnd(): void {
    this.isFollowing = true;
    this.#own = null;
    this.#followEnd();
  }

  /** Puts the message that the reader has just sent at the top, so that its answer grows below without moving anything. */
  async toOwnMessage(): Promise<void> {
    this.isFollowing = true;
    await tick();
    const { node, column } = this.#parts ?? {};
    const own = column && [...column.querySelectorAll('[data-role="user"]')].at(-1);
    if (!node || !own) return;
    const { offsetPx } = holdBlock(own, node);
    const endPx = offsetPx + own.getBoundingClientRect().height;
    const downPx = Math.max(offsetPx - gapAboveOwnMessagePx, endPx - ownMessagePart * node.clientHeight);
    this.#write(node.scrollTop + downPx);
    this.#own = holdBlock(own, node);
    this.#remember();
  }

  /**
   * Follows the end at once after a change of the layout. Later, in the frame in which it is painted, the browser has
   * looked already at what is in view, and has laid out what will be far above it.
   */
  followNow(): void {
    if (this.isFollowing) this.#onLayout();
  }

  #watchOpening(column: Element): void {
    this.#openingFrame = requestAnimationFrame(() => {
      if (column.childElementCount > 0) this.#quietFrames += 1;
      if (this.#quietFrames >= quietFramesUntilOpened) this.#isOpening = false;
      else this.#watchOpening(column);
    });
  }

  #onLayout(): void {
    const parts = this.#parts;
    if (!parts) return;
    this.#quietFrames = 0;
    this.#giveRoomBack(parts);
    const isNarrowed = parts.node.clientWidth !== this.#widthPx;
    const hasShrunk = parts.column.clientHeight < this.#textHeightPx;
    if (parts.column.clientHeight > this.#textHeightPx && !this.#toggle) this.#waitsForGrowth = false;
    if (isNarrowed && this.isFollowing) parts.room.style.removeProperty('--room');
    if (this.#toggle) this.#keep([this.#toggle]);
    else if (this.isFollowing && this.#own) this.#keep([this.#own]);
    else if (this.isFollowing && hasShrunk && !isNarrowed && !this.#isOpening) this.#keep(this.#topBlocks);
    else if (!this.isFollowing && !this.#options.hasScrollAnchoring) this.#keep(this.#topBlocks);
    if (this.#toggle && !this.#isToggleInGrowth && this.#distanceToEndPx() > attachWithinPx) this.leave();
    if (this.isFollowing && !this.#toggle && !this.#waitsForGrowth) this.#followEnd();
    this.#remember();
  }

  #onScroll(): void {
    const { node } = this.#parts ?? {};
    if (!node) return;
    const movedPx = node.scrollTop - this.#expectedTopPx;
    const cameCloserPx = this.#toEndPx - this.#distanceToEndPx();
    const isOwn = Math.abs(movedPx) <= 1;
    // At the very end the browser has moved it, because there is less to scroll than there was.
    const isAtLimit = node.scrollHeight - node.clientHeight - node.scrollTop <= 1;
    if (!isOwn && !isAtLimit) this.#own = null;
    if (this.isFollowing && !isOwn && movedPx < -unpinAfterUpPx && !isAtLimit) this.leave();
    else if (
      !this.isFollowing &&
      cameCloserPx > 0 &&
      movedPx > 0 &&
      this.#toEndPx - cameCloserPx <= attachWithinPx
    )
      this.isFollowing = true;
    // A step up that is too small to count is not forgotten: the next one is measured from the same position.
    const isSmallStepUp = this.isFollowing && movedPx < 0 && !isAtLimit;
    this.#remember(isSmallStepUp ? this.#expectedTopPx : node.scrollTop);
  }

  /** A message that had room below it was deleted: the browser then shows the end of what is left. */
  #giveRoomBack({ room }: TranscriptParts): void {
    if (!this.#own || this.#own.element.isConnected) return;
    this.#own = null;
    room.style.removeProperty('--room');
  }

  /** Keeps what opens or closes under the pointer while its text may still be drawn and something moves. */
  #onToggle(element: Element): void {
    const { node } = this.#parts ?? {};
    if (!node) return;
    cancelAnimationFrame(this.#toggleFrame);
    this.#toggle = holdBlock(element, node);
    this.#own = null;
    this.#isToggleInGrowth = element.closest('article[aria-busy="true"]') !== null;
    this.#holdToggle(node, framesUntilDrawn);
  }

  #holdToggle(node: HTMLElement, frames: number): void {
    this.#toggleFrame = requestAnimationFrame(() => {
      if (isMoving(node)) this.#holdToggle(node, framesUntilDrawn);
      else if (frames > 1) this.#holdToggle(node, frames - 1);
      else {
        this.#onLayout();
        this.#toggle = null;
        this.#waitsForGrowth = this.#isToggleInGrowth;
      }
    });
  }

  #onRelease(): void {
    if (!this.#isPressed) return;
    this.#isPressed = false;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && this.#parts?.node.contains(selection.anchorNode)) this.leave();
    this.#onLayout();
  }

  #followEnd(): void {
    const { node } = this.#parts ?? {};
    const downPx = this.#distanceToEndPx();
    if (!node || downPx <= 0 || this.#isPressed) return;
    this.#own = null;
    this.#write(node.scrollTop + downPx);
  }

  /** Undoes what the change of the layout did to these blocks. */
  #keep(blocks: readonly HeldBlock[]): void {
    const { node } = this.#parts ?? {};
    const movedPx = node ? movedDownPx(blocks, node) : 0;
    if (node && Math.abs(movedPx) >= 0.5) this.#write(node.scrollTop + movedPx);
  }

  /** Scrolls there, and makes room at the end when the text is too short for it. */
  #write(topPx: number): void {
    const { node, room } = this.#parts ?? {};
    if (!node || !room) return;
    const isTooShort = topPx + node.clientHeight > node.scrollHeight + 1;
    if (isTooShort) room.style.setProperty('--room', `${Math.ceil(topPx + node.clientHeight)}px`);
    node.scrollTop = topPx;
    this.#expectedTopPx = node.scrollTop;
  }

  /** Records the current layout, against which the next change is measured. */
  #remember(expectedTopPx = this.#parts?.node.scrollTop ?? 0): void {
    const parts = this.#parts;
    if (!parts) return;
    const { node, room, column } = parts;
    this.#expectedTopPx = expectedTopPx;
    this.#toEndPx = this.#distanceToEndPx();
    this.#textHeightPx = column.clientHeight;
    this.#widthPx = node.clientWidth;
    this.isEndBelow = this.#toEndPx > attachWithinPx;
    this.#topBlocks = holdTopBlocks(column, node);
    // Out of view, the room at the end can go without anything moving.
    if (this.#toEndPx >= 0) room.style.removeProperty('--room');
  }

  /** From the bottom of the view to the end of the text; negative when there is room below it. */
  #distanceToEndPx(): number {
    if (!this.#parts) return 0;
    const { node, column } = this.#parts;
    return column.getBoundingClientRect().bottom - node.getBoundingClientRect().bottom;
  }
}

/** True while an animation in it is going to end; endless blinking or turning does not count. */
function isMoving(node: HTMLElement): boolean {
  return node
    .getAnimations({ subtree: true })
    .some(
      ({ playState, effect }) =>
        playState === 'running' && effect?.getTiming().iterations !== Number.POSITIVE_INFINITY,
    );
}

interface TranscriptParts {
  readonly node: HTMLElement;
  readonly room: HTMLElement;
  readonly column: Element;
}
