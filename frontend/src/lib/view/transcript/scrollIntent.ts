/**
 * Reports a reader's scroll gestures at once: the scroll event comes a frame later, and a programmatic scroll in the
 * same frame can hide it. Gestures that move something else are not reported: an inner scroll box, the zoom.
 */

export interface ScrollIntent {
  /** Wheel, finger or key towards what is above. */
  onUp(): void;
  /** The End key. */
  onEnd(): void;
  /** The mouse button went down in the text: what is under the pointer must stay there until it is up. */
  onPress(): void;
  onRelease(): void;
  /** A disclosure was opened or closed. */
  onToggle(toggle: Element): void;
}

/** A finger that is held still is never quite still. */
const upAfterPx = 3;
const upKeys = new Set(['ArrowUp', 'PageUp', 'Home']);
const typing = 'input, textarea, select, [contenteditable]';
const pressedBySpace = `button, summary, a, ${typing}`;

/** Listens until what it returns is called. */
export function watchScrollIntent(node: HTMLElement, moves: ScrollIntent): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const passive = { passive: true, signal };
  let touchedAtPx: number | null = null;

  const upIn = (target: EventTarget | null) => {
    if (node.scrollTop > 0 && !scrollsByItself(target, node)) moves.onUp();
  };
  const onkeydown = (event: KeyboardEvent) => {
    const { target, key, shiftKey, altKey } = event;
    if (event.defaultPrevented || altKey || isIn(target, typing)) return;
    if (upKeys.has(key)) upIn(target);
    else if (key === ' ' && shiftKey && !isIn(target, pressedBySpace)) upIn(target);
    else if (key === 'End' && !shiftKey && !scrollsByItself(target, node)) {
      // The browser would go to where the end was when the key went down, and scroll there slowly.
      event.preventDefault();
      moves.onEnd();
    }
  };
  const onwheel = ({ deltaY, ctrlKey, target }: WheelEvent) => {
    if (deltaY < 0 && !ctrlKey) upIn(target);
  };
  const ontouchstart = ({ touches }: TouchEvent) => {
    touchedAtPx = touches.length === 1 ? (touches[0]?.clientY ?? null) : null;
  };
  const ontouchmove = ({ touches, target }: TouchEvent) => {
    const movedPx = touchedAtPx === null ? 0 : (touches[0]?.clientY ?? 0) - touchedAtPx;
    if (movedPx > upAfterPx) upIn(target);
  };
  const onpointerdown = ({ button, pointerType, target, offsetX }: PointerEvent) => {
    const isOnScrollbar = target === node && offsetX > node.clientWidth;
    if (button === 0 && pointerType === 'mouse' && !isOnScrollbar) moves.onPress();
  };
  const onclick = ({ target }: MouseEvent) => {
    const toggle = target instanceof Element ? target.closest('[aria-expanded], summary') : null;
    if (toggle) moves.onToggle(toggle);
  };

  node.addEventListener('keydown', onkeydown, { signal });
  node.addEventListener('wheel', onwheel, passive);
  node.addEventListener('touchstart', ontouchstart, passive);
  node.addEventListener('touchmove', ontouchmove, passive);
  node.addEventListener('pointerdown', onpointerdown, { signal });
  // Before the disclosure handles it, while everything is still in its old position.
  node.addEventListener('click', onclick, { capture: true, signal });
  for (const type of ['pointerup', 'pointercancel']) {
    window.addEventListener(type, () => moves.onRelease(), { signal });
  }
  return () => ending.abort();
}

function isIn(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** True when a box between `target` and `node` handles the movement. */
function scrollsByItself(target: EventTarget | null, node: HTMLElement): boolean {
  let box = target instanceof Element ? target : null;
  for (; box && box !== node; box = box.parentElement) {
    if (box.scrollHeight <= box.clientHeight + 1) continue;
    if (/auto|scroll/.test(getComputedStyle(box).overflowY)) return true;
  }
  return false;
}
