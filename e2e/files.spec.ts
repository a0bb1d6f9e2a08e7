import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  bytesOf,
  chipsOf,
  csv,
  file,
  lastParts,
  markdown,
  model,
  notes,
  pdf,
} from './support/attachedFiles.ts';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { dropFiles, type GivenFile } from './support/dropFiles.ts';
import { makePhoto, photoCoordinates } from './support/photo.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

async function chooseFromMenu(page: Page, files: readonly GivenFile[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add to message' }).click();
  await page.getByRole('menuitem', { name: 'Attach files…' }).click();
  await (await chooser).setFiles([...files]);
}

async function chooseByKey(page: Page, files: readonly GivenFile[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('ControlOrMeta+u');
  await (await chooser).setFiles([...files]);
}

const ways: Readonly<Record<string, (page: Page, files: readonly GivenFile[]) => Promise<void>>> = {
  'the button': chooseFromMenu,
  'its key': chooseByKey,
  'a drop': (page, files) => dropFiles(page, files),
  'a paste': (page, files) => dropFiles(page, files, 'paste'),
};

for (const [way, attach] of Object.entries(ways))
  test(`files that are attached by ${way} reach the model byte for byte`, async ({ page, rill }) => {
    const chat = new ChatPage(page);
    await chat.open();
    await attach(page, [notes, csv, markdown, pdf]);
    await expect(chipsOf(page).getByRole('listitem')).toHaveCount(4);
    await expect(chipsOf(page)).toContainText('PDF · 1 page');
    await expect(page.getByRole('progressbar')).toHaveCount(0);
    await chat.send('What is in these?');
    await chat.settled();
    const parts = lastParts(rill);
    const text = parts.map((part) => part.text ?? '').join('\n');
    for (const { name, buffer } of [notes, csv, markdown]) {
      expect(text).toContain(name);
      expect(text).toContain(buffer.toString());
    }
    expect(bytesOf(parts.find(({ type }) => type === 'file')?.file?.file_data)).toEqual(pdf.buffer);
    await expect(chipsOf(page)).toHaveCount(0);
    // A sent file can be downloaded, and is never opened in the page.
    const download = page.waitForEvent('download');
    await page
      .getByRole('article')
      .getByRole('link', { name: /^table\.csv/ })
      .click();
    expect(await readFile(await (await download).path())).toEqual(csv.buffer);
    expect(chat.complaints).toEqual([]);
  });

test('a photo is sent small, upright and without its coordinates', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await chat.open();
  const buffer = await makePhoto(page, 2400, 3600);
  expect(buffer.includes(photoCoordinates)).toBe(true);
  await dropFiles(page, [{ name: 'IMG_0001.jpg', mimeType: 'image/jpeg', buffer }]);
  await expect(chipsOf(page)).toContainText('1,365 × 2,048');
  await expect(page.getByText('Demo: Quick cannot see pictures.')).toBeVisible();
  await page.getByRole('button', { name: 'Choose another model' }).click();
  const search = page.getByRole('combobox', { name: 'Search models' });
  await search.fill('echo');
  await search.press('Enter');
  await expect(page.getByText('cannot see pictures.')).toHaveCount(0);
  await chat.send('Where is this?');
  await chat.settled();
  const url = lastParts(rill).find(({ type }) => type === 'image_url')?.image_url?.url;
  expect(url).toMatch(/^data:image\/jpeg;base64,/);
  const sent = bytesOf(url);
  expect(sent.includes(photoCoordinates)).toBe(false);
  expect(sent.includes('Exif')).toBe(false);
  const opened = page.getByRole('button', { name: 'Open IMG_0001.jpg' });
  await expect.poll(() => opened.evaluate((button) => button.querySelector('img')?.naturalWidth)).toBe(1365);
  await opened.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'IMG_0001.jpg' })).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'IMG_0001.jpg' })).toHaveCount(0);
  await expect(opened).toBeFocused();
});

test('attached files stay with the draft: after a reload, in another browser, and in the queue', async ({
  page,
  browser,
  rill,
}) => {
  rill.simulator.nextScript(model, [{ delta: 'Half of it' }, { hold: 'end' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Half of it');
  await dropFiles(page, [csv]);
  await expect(chipsOf(page)).toContainText('tokens');
  await chat.composer.fill('How many rows?');
  await expect
    .poll(async () => {
      const other = await browser.newPage({ baseURL: rill.url });
      await other.goto(new URL(page.url()).pathname);
      const isThere = await chipsOf(other)
        .getByText('table.csv')
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
      await other.close();
      return isThere;
    })
    .toBe(true);
  await page.reload();
  await expect(chipsOf(page).getByText('table.csv')).toBeVisible();
  await expect(chat.composer).toHaveValue('How many rows?');
  await chat.composer.press('Enter');
  const queue = page.getByRole('region', { name: 'Queued messages' });
  await expect(queue.getByText('table.csv')).toBeVisible();
  await expect(chipsOf(page)).toHaveCount(0);
  await queue.getByRole('button', { name: 'Edit' }).click();
  await expect(chipsOf(page).getByText('table.csv')).toBeVisible();
  await chat.composer.press('Enter');
  await expect(queue.getByText('table.csv')).toBeVisible();
  rill.simulator.release('end');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  expect(
    lastParts(rill)
      .map(({ text }) => text)
      .join(''),
  ).toContain(csv.buffer.toString());
});

test('an edited message is sent with its files, or without those that were removed', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await dropFiles(page, [csv, notes]);
  await expect(chipsOf(page).getByText(/tokens/)).toHaveCount(2);
  await chat.send('First');
  await chat.settled();
  await chat.composer.press('ArrowUp');
  await page.getByRole('button', { name: 'Remove notes.txt' }).click();
  await page.getByRole('textbox', { name: 'Edit message' }).fill('Second');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByText('2 / 2')).toBeVisible();
  await chat.settled();
  const text = lastParts(rill)
    .map((part) => part.text ?? '')
    .join('\n');
  expect(text).toContain('Second');
  expect(text).toContain(csv.buffer.toString());
  expect(text).not.toContain(notes.buffer.toString());
});

test('a file that is only named as a picture is text, and nothing that could run is shown in the page', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=\'run\'"><script>document.title="run"</script></svg>';
  const html = '<!doctype html><script>document.title="run"</script>';
  await dropFiles(page, [
    file('drawing.svg', 'image/svg+xml', svg),
    file('photo.png', 'image/png', html),
    file('page.html', 'text/html', html),
  ]);
  await expect(chipsOf(page).getByText(/tokens/)).toHaveCount(3);
  await expect(page.locator('form img')).toHaveCount(0);
  await chat.send('What are these?');
  await chat.settled();
  const links = page.getByRole('article').getByRole('link');
  await expect(links).toHaveCount(3);
  await expect(page.locator('article img')).toHaveCount(0);
  for (const href of await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))) {
    for (const query of ['', '?inline=1']) {
      const { headers } = await page.evaluate(async (address) => {
        const answer = await fetch(address);
        return { headers: Object.fromEntries(answer.headers) };
      }, href + query);
      expect(headers).toMatchObject({
        'content-type': expect.stringMatching(/^text\/plain/),
        'content-disposition': expect.stringMatching(/^attachment/),
        'content-security-policy': expect.stringContaining('sandbox'),
        'x-content-type-options': 'nosniff',
      });
    }
  }
  expect(await page.title()).not.toBe('run');
  expect(
    lastParts(rill)
      .map(({ text }) => text)
      .join(''),
  ).toContain(svg);
});

test('a file waits for a server that is gone, and its message is kept', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await dropFiles(page, [notes]);
  await expect(chipsOf(page)).toContainText('tokens');
  await rill.kill9();
  await dropFiles(page, [csv]);
  await expect(chipsOf(page)).toContainText('Waiting for the server');
  await chat.send('How many rows?');
  await expect(chat.composer).toHaveValue('How many rows?');
  await rill.restart();
  await expect(chipsOf(page).getByText(/tokens/)).toHaveCount(2, { timeout: 20_000 });
  await chat.composer.press('Enter');
  await chat.settled();
  expect(
    lastParts(rill)
      .map(({ text }) => text)
      .join(''),
  ).toContain(csv.buffer.toString());
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`on a phone files fit the page and its rules, in the ${colorScheme}`, async ({ browser, rill }) => {
    const page = await browser.newPage({
      baseURL: rill.url,
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme,
    });
    const chat = new ChatPage(page);
    await chat.open();
    const long = file(`${'a very long name '.repeat(8)}.txt`, 'text/plain', 'words');
    const photo = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: await makePhoto(page, 1200, 900) };
    await dropFiles(page, [long, pdf, photo, file('empty.txt', 'text/plain', '')]);
    await expect(chipsOf(page)).toContainText('It is empty.');
    await expect(page.getByRole('progressbar')).toHaveCount(0);
    expect(await cutOff(page)).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove empty.txt' }).click();
    await chat.composer.fill('What are these?');
    await chat.sendButton.click();
    await chat.settled();
    await expect(page.getByRole('button', { name: 'Open photo.jpg' })).toBeVisible();
    expect(await cutOff(page)).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add to message' }).click();
    await expect(page.getByRole('menuitem', { name: 'Attach files…' })).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  });

test('a file that is dropped before the page is ready is kept, and the page stays open', async ({ page }) => {
  const held = Promise.withResolvers<void>();
  await page.route('**/frame-*.js', async (route) => {
    await held.promise;
    await route.continue();
  });
  const chat = new ChatPage(page);
  await chat.open();
  const box = await page.locator('main').boundingBox();
  const folder = await mkdtemp(join(tmpdir(), 'rill-drop-'));
  const path = join(folder, notes.name);
  await writeFile(path, notes.buffer);
  // Done by the browser itself, which leaves the page for a file that nothing handles.
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: (box?.x ?? 0) + 50,
      y: (box?.y ?? 0) + 100,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
  await expect(chat.composer).toBeVisible();
  await expect(chipsOf(page)).toHaveCount(0);
  held.resolve();
  await expect(chipsOf(page)).toContainText(notes.name);
  await rm(folder, { recursive: true });
});
