/** Changes a text node where it differs only, so that a selection in the rest of it stays. */
export function patchText(text: Text, next: string): void {
  const shown = text.data;
  if (shown === next) return;
  if (next.startsWith(shown)) {
    text.appendData(next.slice(shown.length));
    return;
  }
  let start = 0;
  while (start < shown.length && shown[start] === next[start]) start += 1;
  text.replaceData(start, shown.length - start, next.slice(start));
}
