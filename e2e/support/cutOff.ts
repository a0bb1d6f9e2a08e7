/** Finds elements that the page shows only in part, at the side. */
import type { Page } from '@playwright/test';

/**
 * Elements that are beyond the screen or cut off at the side, and that scrolling cannot reach. Shortened titles are
 * fine: they show it by an ellipsis or by fading out.
 */
export function cutOff(page: Page, within = '.main'): Promise<string[]> {
  return page.evaluate((selector) => {
    const showsThatItIsCut = ({ textOverflow, maskImage }: CSSStyleDeclaration) =>
      textOverflow === 'ellipsis' || maskImage !== 'none';
    const isHidden = (element: Element) =>
      element.getBoundingClientRect().width <= 1 || getComputedStyle(element).clipPath !== 'none';
    const isReachable = (element: Element): boolean => {
      for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (/auto|scroll/.test(style.overflowX) && !box.matches('.transcript, .chat-body, .main'))
          return true;
        if (style.clipPath !== 'none' || showsThatItIsCut(style)) return true;
      }
      return false;
    };
    const sticksOut = (element: Element): boolean => {
      const { left, right } = element.getBoundingClientRect();
      return left < -0.5 || right > document.documentElement.clientWidth + 0.5;
    };
    const cutsItsWords = (element: Element): boolean => {
      const style = getComputedStyle(element);
      if (!/hidden|clip/.test(style.overflowX) || showsThatItIsCut(style)) return false;
      return (
        element.scrollWidth > element.clientWidth + 1 &&
        element.matches(':not(.is-icon, .transcript, body, html)')
      );
    };
    return [...document.querySelectorAll(`${selector}, ${selector} *`)]
      .filter(
        (element) =>
          !isHidden(element) && (sticksOut(element) || cutsItsWords(element)) && !isReachable(element),
      )
      .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
  }, within);
}
