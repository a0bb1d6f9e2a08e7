/** Text to the clipboard; false when the browser refuses, which it does without a secure address or a click. */
export async function copyText(text: string): Promise<boolean> {
  return await succeeds(() => navigator.clipboard.writeText(text));
}

/** The same with a formatted form beside it, for programs that take one. */
export async function copyFormatted(text: string, html: string): Promise<boolean> {
  const parts = {
    'text/plain': new Blob([text], { type: 'text/plain' }),
    'text/html': new Blob([html], { type: 'text/html' }),
  };
  return await succeeds(() => navigator.clipboard.write([new ClipboardItem(parts)]));
}

async function succeeds(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch {
    // The reason is the browser's and of no use to the reader; the caller says that nothing was copied.
    return false;
  }
}
