/** Opens dialog elements as modals: open while mounted, closed by a press on the scrim. */
import type { Attachment } from 'svelte/attachments';

/** Closes on a press outside the content. The element itself is hit only there: its padding is zero. */
export const closeOnScrim: Attachment<HTMLDialogElement> = (dialog) => {
  const onPointerDown = (event: PointerEvent) => {
    if (event.target === dialog) dialog.close();
  };
  dialog.addEventListener('pointerdown', onPointerDown);
  return () => dialog.removeEventListener('pointerdown', onPointerDown);
};

/** Opens when mounted, closes when unmounted. */
export const openModal: Attachment<HTMLDialogElement> = (dialog) => {
  const returnCaret = rememberCaret();
  dialog.addEventListener('cancel', closeNow);
  dialog.showModal();
  return () => {
    // The layer is gone already: the close event, which comes later, must not close the one after it.
    dialog.addEventListener('close', (event) => event.stopImmediatePropagation(), { capture: true });
    // Gives the focus back to where it came from.
    dialog.close();
    returnCaret();
  };
};

/** The browser tells of an Esc in a later task, until when the next key would still belong to the dialog. */
function closeNow(event: Event): void {
  const dialog = event.currentTarget as HTMLDialogElement;
  event.preventDefault();
  // First of all, because it gives the focus back to where it came from only while it is in the page.
  dialog.close();
  dialog.dispatchEvent(new Event('close'));
}

/** Chromium restores the focus without the caret, which may be lost with the dialog: typed text is then lost. */
function rememberCaret(): () => void {
  const { activeElement: field } = document;
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return () => undefined;
  const { selectionStart: start, selectionEnd: end, selectionDirection } = field;
  return () => {
    // Null in fields that have no caret, such as a checkbox.
    if (document.activeElement === field && start !== null)
      field.setSelectionRange(start, end, selectionDirection ?? 'none');
  };
}
