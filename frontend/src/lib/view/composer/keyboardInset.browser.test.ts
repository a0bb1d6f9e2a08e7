import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchKeyboardInset } from './keyboardInset.ts';

/** A page 800 px high, and a view of it that a test sets. */
function fakePage() {
  const viewport = Object.assign(new EventTarget(), { height: 800, scale: 1, offsetTop: 0 });
  const root = document.documentElement;
  const scrollToTop = vi.fn();
  const stop = watchKeyboardInset({ viewport, root, layoutHeightPx: () => 800, scrollToTop });
  const show = (change: Partial<typeof viewport>) => {
    Object.assign(viewport, change);
    viewport.dispatchEvent(new Event('resize'));
  };
  return { show, stop, scrollToTop, inset: () => root.style.getPropertyValue('--keyboard-inset') };
}

describe('watchKeyboardInset', () => {
  let stop: () => void = () => undefined;
  afterEach(() => stop());

  it('reports how much a keyboard covers, and nothing once the keyboard has closed', () => {
    const page = fakePage();
    ({ stop } = page);
    expect(page.inset()).toBe('0px');
    page.show({ height: 460 });
    expect(page.inset()).toBe('340px');
    page.show({ height: 800 });
    expect(page.inset()).toBe('0px');
  });

  it('does not take a zoom for a keyboard, and moves nothing while the page is zoomed', () => {
    const page = fakePage();
    ({ stop } = page);
    page.show({ height: 400, scale: 2, offsetTop: 120 });
    expect(page.inset()).toBe('0px');
    expect(page.scrollToTop).not.toHaveBeenCalled();
  });

  it('brings the page back that was pushed up for the keyboard', () => {
    const page = fakePage();
    ({ stop } = page);
    page.show({ height: 460, offsetTop: 340 });
    expect(page.scrollToTop).toHaveBeenCalledOnce();
  });

  it('leaves nothing behind', () => {
    const page = fakePage();
    page.stop();
    page.show({ height: 460 });
    expect(page.inset()).toBe('');
  });

  it('does nothing where the browser has no visual viewport', () => {
    stop = watchKeyboardInset({
      viewport: null,
      root: document.documentElement,
      layoutHeightPx: () => 800,
      scrollToTop: vi.fn(),
    });
    expect(document.documentElement.style.getPropertyValue('--keyboard-inset')).toBe('');
  });
});
