/** Tests files of messages that are edited, whose page is reloaded meanwhile, or whose scans are read. */
import {
  bytesOf,
  chipsOf,
  csv,
  isAnswered,
  lastParts,
  markdown,
  model,
  notes,
  pdf,
} from './support/attachedFiles.ts';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { dropFiles } from './support/dropFiles.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test('files are added to a message while it is edited: by its button, its key, a drop and a paste', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('First');
  await chat.settled();
  await chat.composer.press('ArrowUp');
  const box = page.getByRole('textbox', { name: 'Edit message' });
  await expect(box).toBeFocused();
  const choosing = page.waitForEvent('filechooser');
  await page.keyboard.press('ControlOrMeta+u');
  await (await choosing).setFiles([csv]);
  const pressed = page.waitForEvent('filechooser');
  await page.getByRole('log').getByRole('button', { name: 'Attach files' }).press('Enter');
  await (await pressed).setFiles([notes]);
  await dropFiles(page, [markdown], 'paste', 'textarea.edit-text');
  await dropFiles(page, [pdf], 'drop', 'textarea.edit-text');
  const files = page.getByRole('log').getByRole('list', { name: 'Attached files' });
  await expect(files.getByRole('listitem')).toHaveCount(4);
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  // The draft beside it is left alone.
  await expect(page.locator('form.composer').getByRole('list', { name: 'Attached files' })).toHaveCount(0);
  await page.reload();
  await expect(files.getByRole('listitem')).toHaveCount(4);
  await files.getByRole('button', { name: 'Remove notes.txt' }).click();
  await expect(box).toBeFocused();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await cutOff(page)).toEqual([]);
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByText('2 / 2')).toBeVisible();
  await chat.settled();
  const parts = lastParts(rill);
  const text = parts.map((part) => part.text ?? '').join('\n');
  expect(text).toContain(csv.buffer.toString());
  expect(text).toContain(markdown.buffer.toString());
  expect(text).not.toContain(notes.buffer.toString());
  expect(bytesOf(parts.find(({ type }) => type === 'file')?.file?.file_data)).toEqual(pdf.buffer);
  expect(chat.complaints).toEqual([]);
});

test('scanned pages of a PDF are read too if that is chosen, for a price that is shown before and after', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await dropFiles(page, [pdf]);
  const choice = page.getByRole('checkbox', { name: 'Read scanned pages too, $0.0020 for 1 page' });
  await expect(choice).not.toBeChecked();
  await choice.press('Space');
  await expect(choice).toBeChecked();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await cutOff(page)).toEqual([]);
  expect(await violationsOf(page)).toEqual([]);
  rill.simulator.nextScript(model, [
    { delta: 'Read.' },
    { finish: 'stop', tools: { searches: 0, feeUsd: 0.002, isNative: false } },
  ]);
  await chat.send('Read it');
  await chat.settled();
  const body = rill.simulator.requests.findLast(isAnswered)?.body;
  expect(body).toMatchObject({ plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }] });
  const receipt = await chat.openReceipt();
  await expect(receipt.getByRole('row', { name: 'Tools, and reading of scans $0.0020' })).toBeVisible();
  await expect(receipt.getByRole('row', { name: 'Plugins file-parser: mistral-ocr' })).toBeVisible();
  await page.keyboard.press('Escape');
  // The choice stays for the chat, and can be undone.
  await page.reload();
  await dropFiles(page, [pdf]);
  await expect(choice).toBeChecked();
  await choice.press('Space');
  await chat.send('Again');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  expect(rill.simulator.requests.findLast(isAnswered)?.body).toMatchObject({
    plugins: [{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }],
  });
});

test('a file that is being uploaded during a reload is uploaded anyway, or reported as lost', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  const uploads = '**/api/files?*';
  // Never answered: the reload ends it.
  await page.route(uploads, () => undefined);
  await dropFiles(page, [csv]);
  await expect(page.getByRole('progressbar', { name: 'Upload of table.csv' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('progressbar', { name: 'Upload of table.csv' })).toBeVisible();
  await page.unroute(uploads);
  await page.reload();
  await expect(chipsOf(page)).toContainText('tokens');
  await chat.send('How many rows?');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  expect(
    lastParts(rill)
      .map(({ text }) => text)
      .join(''),
  ).toContain(csv.buffer.toString());

  await page.route(uploads, () => undefined);
  await dropFiles(page, [notes]);
  await expect(page.getByRole('progressbar', { name: 'Upload of notes.txt' })).toBeVisible();
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('rill-uploads');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const clearing = opening.result.transaction('bytes', 'readwrite').objectStore('bytes').clear();
          clearing.onsuccess = () => resolve();
        };
      }),
  );
  await page.reload();
  await expect(chipsOf(page).getByRole('alert')).toHaveText(/^It was lost when the page was loaded again/);
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove notes.txt' }).press('Enter');
  await expect(chipsOf(page)).toHaveCount(0);
  expect(chat.complaints).toEqual([]);
});
