/** Drops files onto the page as a user does, or pastes them as the clipboard does. */
import type { Page } from '@playwright/test';

export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export async function dropFiles(
  page: Page,
  files: readonly GivenFile[],
  how: 'drop' | 'paste' = 'drop',
  /** The target; null for the page. */
  selector: string | null = null,
): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({
    name,
    mimeType,
    base64: buffer.toString('base64'),
  }));
  await page.evaluate(
    ({ all, isDropped, at }) => {
      const data = new DataTransfer();
      for (const { name, mimeType, base64 } of all) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: mimeType }));
      }
      const target =
        (at && document.querySelector(at)) || document.getElementById('composer') || document.body;
      const dropTarget = at ? target : document.body;
      const settings = { bubbles: true, cancelable: true };
      if (!isDropped) target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, ...settings }));
      else
        for (const type of ['dragenter', 'dragover', 'drop'])
          dropTarget.dispatchEvent(new DragEvent(type, { dataTransfer: data, ...settings }));
    },
    { all: given, isDropped: how === 'drop', at: selector },
  );
}
