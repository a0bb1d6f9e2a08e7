/** Moves the focus between messages, so that a chat can be read by keyboard. */

const gapPx = 4;

/**
 * Moves the focus to the message before or after the focused one, or else to the last. False when there is none in that
 * direction.
 */
export function focusMessage(step: -1 | 1): boolean {
  const transcript = document.querySelector<HTMLElement>('[role="log"]');
  const messages = [...(transcript?.querySelectorAll<HTMLElement>('.item > article') ?? [])];
  if (!transcript) return false;
  const target = messages[targetIndex(transcript, messages, step)];
  if (!target) return false;
  focusArticle(target);
  target.scrollIntoView({ block: 'start' });
  return true;
}

function targetIndex(transcript: HTMLElement, messages: readonly HTMLElement[], step: -1 | 1): number {
  const focused = document.activeElement;
  const current = messages.findIndex((message) => message.contains(focused));
  if (current >= 0) return current + step;
  if (focused !== transcript) return messages.length - 1;
  const topPx =
    transcript.getBoundingClientRect().top + Number.parseFloat(getComputedStyle(transcript).scrollPaddingTop);
  const isAbove = (message: HTMLElement) => message.getBoundingClientRect().top < topPx - gapPx;
  const isBelow = (message: HTMLElement) => message.getBoundingClientRect().top > topPx + gapPx;
  return step < 0 ? messages.findLastIndex(isAbove) : messages.findIndex(isBelow);
}

/** Only while it has the focus can a message take it: a click in its text must not draw a ring around it. */
export function focusArticle(message: HTMLElement): void {
  message.tabIndex = -1;
  // Without a name of its own a screen reader would read the whole message before anything can be done with it.
  message.setAttribute('aria-label', message.querySelector('h3')?.textContent ?? '');
  message.focus({ preventScroll: true });
  const onblur = () => {
    message.removeAttribute('tabindex');
    message.removeAttribute('aria-label');
  };
  message.addEventListener('blur', onblur, { once: true });
}
