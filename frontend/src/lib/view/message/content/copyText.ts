/**
 * Copies text to the clipboard; false when the browser refuses. Pages on plain HTTP from another machine have no
 * clipboard API: there the browser's copy command is used, on a field that is removed before it is seen.
 */

export async function copyText(text: string): Promise<boolean> {
  return await write({ 'text/plain': text }, (clipboard) => clipboard.writeText(text));
}

/** The same with a formatted form beside it, for programs that take one. */
export async function copyFormatted(text: string, html: string): Promise<boolean> {
  const forms = { 'text/plain': text, 'text/html': html };
  return await write(forms, (clipboard) => {
    const parts = Object.entries(forms).map(([type, form]) => [type, new Blob([form], { type })] as const);
    return clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
  });
}

/** What is copied, by its media type. */
type Forms = Readonly<Record<string, string>>;

async function write(forms: Forms, writeTo: (clipboard: Clipboard) => Promise<void>): Promise<boolean> {
  // Typed as always there, but only secure contexts have it.
  const { clipboard } = navigator as Partial<Navigator>;
  if (!clipboard) return copyByCommand(forms);
  try {
    await writeTo(clipboard);
    return true;
  } catch {
    // The reason is the browser's and of no use to the reader; when this fails too, the caller says so.
    return copyByCommand(forms);
  }
}

/** The command wants something selected, and its event takes any forms. The reader's own selection comes back after it. */
function copyByCommand(forms: Forms): boolean {
  const focused = document.activeElement;
  const selection = document.getSelection();
  const ranges = Array.from({ length: selection?.rangeCount ?? 0 }, (_, index) =>
    selection?.getRangeAt(index),
  );
  const field = createField(forms['text/plain'] ?? '');
  // Inside a modal dialog only what is in it can be selected.
  (focused?.closest('dialog') ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.select();
  let isTaken = false;
  const oncopy = (event: ClipboardEvent): void => {
    if (!event.clipboardData) return;
    for (const [type, form] of Object.entries(forms)) event.clipboardData.setData(type, form);
    event.preventDefault();
    event.stopImmediatePropagation();
    isTaken = true;
  };
  window.addEventListener('copy', oncopy, { capture: true });
  try {
    return document.execCommand('copy') && isTaken;
  } catch {
    // A browser without the command: nothing was copied.
    return false;
  } finally {
    window.removeEventListener('copy', oncopy, { capture: true });
    field.remove();
    if (focused instanceof HTMLElement || focused instanceof SVGElement)
      focused.focus({ preventScroll: true });
    restore(selection, ranges);
  }
}

function createField(text: string): HTMLTextAreaElement {
  const field = document.createElement('textarea');
  field.value = text === '' ? ' ' : text;
  // No keyboard comes up for it, and no browser zooms in on it.
  field.readOnly = true;
  field.className = 'visually-hidden';
  field.setAttribute('aria-hidden', 'true');
  field.style.cssText = 'position: fixed; inset-block-start: 0; font-size: 1rem';
  return field;
}

function restore(selection: Selection | null, ranges: readonly (Range | undefined)[]): void {
  // A field that has the focus keeps a selection of its own.
  if (document.activeElement?.matches('input, textarea')) return;
  selection?.removeAllRanges();
  for (const range of ranges) if (range) selection?.addRange(range);
}
