/**
 * Moves the focus when the focused element is removed from the page, such as a button that disappears after its action:
 * otherwise the next key would have no effect.
 */

/** Puts the focus where the next words go; on a touch screen that would bring up the keyboard over the text. */
export function focusComposer(): void {
  const isTyped = matchMedia('(hover: hover) and (pointer: fine)').matches;
  const composer = isTyped ? document.getElementById('composer') : null;
  const log = document.querySelector<HTMLElement>('[role="log"]');
  const home = composer ?? log ?? document.querySelector<HTMLElement>('main button');
  home?.focus({ preventScroll: true });
}

/** Watches the page; returns what ends that. While the composer has the focus nothing is watched: it only goes with its chat. */
export function keepFocus(): () => void {
  let focused: Element | null = null;
  const observer = new MutationObserver(() => {
    if (!focused || focused.isConnected) return;
    focused = null;
    observer.disconnect();
    // What took it away may have moved the focus already.
    if (document.activeElement === document.body && !document.querySelector('dialog:modal')) focusComposer();
  });
  const onFocus = ({ target }: FocusEvent): void => {
    observer.disconnect();
    focused = target instanceof Element && target.id !== 'composer' ? target : null;
    if (focused) observer.observe(document.body, { childList: true, subtree: true });
  };
  /** A reader who presses on what takes no focus has put it nowhere. */
  const onBlur = (): void => {
    setTimeout(() => {
      if (focused?.isConnected && document.activeElement === document.body) focused = null;
    });
  };
  document.addEventListener('focusin', onFocus);
  document.addEventListener('focusout', onBlur);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('focusout', onBlur);
  };
}
