/**
 * Measures how much of the page an on-screen keyboard covers, for style sheets, as `--keyboard-inset` on the root element.
 * Only browsers that ignore `interactive-widget=resizes-content` (Safari on iOS) lay the keyboard over the page.
 */

export interface KeyboardHost {
  readonly viewport: Pick<
    VisualViewport,
    'height' | 'scale' | 'offsetTop' | 'addEventListener' | 'removeEventListener'
  > | null;
  readonly root: HTMLElement;
  /** Height of the page as it is laid out. */
  readonly layoutHeightPx: () => number;
  readonly scrollToTop: () => void;
}

/** Measures until what it returns is called. */
export function watchKeyboardInset(host: KeyboardHost = browserHost()): () => void {
  const { viewport, root } = host;
  if (!viewport) return () => undefined;
  const measure = () => {
    // A zoom shows less of the page too, and covers nothing.
    const coveredPx = Math.round(host.layoutHeightPx() - viewport.height * viewport.scale);
    root.style.setProperty('--keyboard-inset', `${Math.max(0, coveredPx)}px`);
    // iOS pushes the whole page up to show the composer, which now stands above the keyboard, and leaves it there.
    if (viewport.offsetTop > 0 && viewport.scale <= 1.01) host.scrollToTop();
  };
  measure();
  viewport.addEventListener('resize', measure);
  viewport.addEventListener('scroll', measure);
  return () => {
    viewport.removeEventListener('resize', measure);
    viewport.removeEventListener('scroll', measure);
    root.style.removeProperty('--keyboard-inset');
  };
}

function browserHost(): KeyboardHost {
  return {
    viewport: window.visualViewport,
    root: document.documentElement,
    layoutHeightPx: () => window.innerHeight,
    scrollToTop: () => window.scrollTo(0, 0),
  };
}
