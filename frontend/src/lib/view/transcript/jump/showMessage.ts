/**
 * Brings a message into view and keeps it there while its surroundings are drawn, until the reader acts. Search terms
 * in it are highlighted for as long as it is shown.
 */
import { focusArticle } from '../../message/messageFocus.ts';
import { markTerms, unmarkTerms } from './markTerms.ts';

/** In which nothing has moved: then all is drawn. */
const stillFrames = 30;
const longestMs = 4000;
/** Part of the view above a term that is deep in a long message. */
const partAbove = 0.3;
/** A term that is further down than this part of the view is brought up itself, not the beginning of its message. */
const partInView = 0.7;
const gapPx = 16;

export interface MessageToShow {
  readonly transcript: HTMLElement;
  readonly item: HTMLElement;
  readonly terms: readonly string[];
}

/** The returned function ends it. */
export function showMessage({ transcript, item, terms }: MessageToShow): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  let ranges = markTerms(item, terms);
  const drawing = new MutationObserver(() => {
    ranges = markTerms(item, terms);
  });
  drawing.observe(item, { childList: true, subtree: true, characterData: true });
  let isMoving = true;
  for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
    window.addEventListener(type, () => (isMoving = false), { signal, passive: true, capture: true });

  const startedMs = performance.now();
  let still = 0;
  let frame = 0;
  const follow = () => {
    if (!isMoving) return;
    unfold(ranges[0]);
    const isMoved = bringIntoView(transcript, item, ranges[0]);
    still = isMoved || item.querySelector('.is-source') ? 0 : still + 1;
    if (still < stillFrames && performance.now() - startedMs < longestMs)
      frame = requestAnimationFrame(follow);
  };
  follow();
  // Once the dialog that requested it has returned the focus.
  const focusing = requestAnimationFrame(() => {
    const article = item.querySelector<HTMLElement>('article');
    if (article) focusArticle(article);
  });
  return () => {
    ending.abort();
    drawing.disconnect();
    cancelAnimationFrame(frame);
    cancelAnimationFrame(focusing);
    unmarkTerms();
  };
}

/** A long question is folded, and opens when it is scrolled. */
function unfold(range: Range | undefined): void {
  const box = range?.startContainer.parentElement?.closest('.bubble-text');
  if (!range || !box) return;
  const hiddenPx = range.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
  if (hiddenPx > 0) box.scrollTop += hiddenPx;
}

/** True when something had to move. */
function bringIntoView(transcript: HTMLElement, item: HTMLElement, range: Range | undefined): boolean {
  const view = transcript.getBoundingClientRect();
  const itemTopPx = item.getBoundingClientRect().top;
  const found = range?.getBoundingClientRect();
  const isDeep = found && found.height > 0 && found.bottom - itemTopPx > view.height * partInView;
  const downPx = isDeep
    ? found.top - view.top - view.height * partAbove
    : itemTopPx - view.top - Number.parseFloat(getComputedStyle(transcript).scrollPaddingTop || '0') - gapPx;
  if (Math.abs(downPx) <= 1) return false;
  const beforePx = transcript.scrollTop;
  transcript.scrollTop += downPx;
  return Math.abs(transcript.scrollTop - beforePx) > 0.5;
}
