/** Finds the question that is being read: the last one that begins at or above the top of the viewport. */

/** Part of the view below its top in which a question still counts. */
const topPart = 0.3;

/** `messageIds` in the order in which they are shown; null when none of them is drawn. */
export function findShownQuestion(messageIds: readonly string[]): string | null {
  const transcript = document.querySelector<HTMLElement>('[role="log"]');
  if (!transcript) return null;
  const { top, height } = transcript.getBoundingClientRect();
  const isAbove = (id: string): boolean => {
    const item = transcript.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
    return item !== null && item.getBoundingClientRect().top <= top + height * topPart;
  };
  // They follow each other downwards, so that a long chat costs as many measurements as its length has digits.
  let [from, to] = [0, messageIds.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isAbove(messageIds[middle] ?? '')) from = middle + 1;
    else to = middle;
  }
  return messageIds[Math.max(0, from - 1)] ?? null;
}
