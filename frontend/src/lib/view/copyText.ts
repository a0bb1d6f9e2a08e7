/** Text to the clipboard; false when the browser refuses, which it does without a secure address or a click. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The reason is the browser's and of no use to the reader; the caller says that nothing was copied.
    return false;
  }
}
