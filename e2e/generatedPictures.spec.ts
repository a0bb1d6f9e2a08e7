/** Pictures that a model makes: shown with their size reserved, stored as files, and sent back to be changed. */
import { readFile } from 'node:fs/promises';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test.use({ rillOptions: { environment: { RILL_DEFAULT_MODEL: 'demo/painter' } } });

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

test('a picture is opened large, downloaded, and sent back by keys to be changed', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Draw a red sun over the sea');
  const drawn = chat.lastAnswer.getByRole('button', { name: 'Open picture made by the model' });
  await expect(drawn).toBeVisible();
  await chat.settled();
  const picture = drawn.getByRole('img');
  const loadedWidth = () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(loadedWidth).toBe(384);
  expect(await violationsOf(page)).toEqual([]);

  // It is a file of the server, also after a reload.
  await page.reload();
  await expect.poll(loadedWidth).toBe(384);
  await drawn.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'picture.png' });
  await expect(dialog).toBeVisible();
  const download = page.waitForEvent('download');
  await dialog.getByRole('link', { name: /^Download/ }).press('Enter');
  const saved = await readFile(await (await download).path());
  expect(saved.subarray(0, 4)).toEqual(png);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await chat.lastAnswer.getByRole('button', { name: 'Edit this picture' }).press('Enter');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('Make it blue');
  await page.keyboard.press('Enter');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  await expect(drawn).toBeVisible();
  const sent = rill.simulator.requests.findLast(({ model }) => model === 'demo/painter')?.body;
  const url = `data:image/png;base64,${saved.toString('base64')}`;
  expect(JSON.stringify(sent)).toContain(url);
  expect(chat.complaints).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`on a phone, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 780 }, hasTouch: true, colorScheme });
    test('a picture fits the page and is opened by a tap', async ({ page }) => {
      const chat = new ChatPage(page);
      await chat.open();
      await chat.composer.fill('Draw a tide');
      await chat.sendButton.tap();
      const drawn = chat.lastAnswer.getByRole('button', { name: 'Open picture made by the model' });
      await drawn.tap();
      const dialog = page.getByRole('dialog', { name: 'picture.png' });
      await expect(dialog).toBeVisible();
      expect(await violationsOf(page)).toEqual([]);
      expect(await cutOff(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Close' }).tap();
      await expect(dialog).toBeHidden();
      expect(await violationsOf(page)).toEqual([]);
    });
  });
}
