/**
 * Tests the export of a chat as Markdown, JSON, a web page and print, and of everything as one archive that can be
 * imported.
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Download, Page } from '@playwright/test';
import { chipsOf } from './support/attachedFiles.ts';
import { ChatPage } from './support/chatPage.ts';
import { dropFiles } from './support/dropFiles.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

const longLine = `const long = "${'wide '.repeat(60)}";`;
const answer = [
  'See [the docs](https://docs.example/page "A title") and $a^2$.',
  '```js',
  longLine,
  '```',
  '<script>document.title = "taken"</script> ![cat](https://pictures.example/cat.png)',
].join('\n\n');

type Colour = readonly [number, number, number];
const photoColour: Colour = [34, 85, 136];
const modelColour: Colour = [200, 60, 40];

/** A picture of one colour as a data URL. */
const solidPicture = (page: Page, type: string, colour: Colour): Promise<string> =>
  page.evaluate(
    ([mediaType, rgb]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 80 });
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      context.fillStyle = `rgb(${rgb.join()})`;
      context.fillRect(0, 0, canvas.width, canvas.height);
      return canvas.toDataURL(mediaType, 0.9);
    },
    [type, colour] as const,
  );

/** The colour in the middle of a screenshot. */
const middleOf = (page: Page, screenshot: Buffer): Promise<number[]> =>
  page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(picture, 0, 0);
    return [...context.getImageData(picture.width / 2, picture.height / 2, 1, 1).data.slice(0, 3)];
  }, screenshot.toString('base64'));

async function textOf(download: Promise<Download>): Promise<{ name: string; text: string }> {
  const file = await download;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

async function openExport(page: Page) {
  await page.getByRole('button', { name: 'Chat actions' }).click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export chat' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('a chat is exported as Markdown, as JSON and as a page that runs and fetches nothing', async ({
  page,
  rill,
  context,
}) => {
  rill.simulator.script('demo/quick', [{ delta: answer }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Where is it?');
  await chat.settled();

  const dialog = await openExport(page);
  expect(await violationsOf(page)).toEqual([]);
  const markdown = textOf(page.waitForEvent('download'));
  await dialog.getByRole('link', { name: 'Markdown' }).click();
  expect((await markdown).name).toMatch(/\.md$/);
  expect((await markdown).text).toContain(`\n\nWhere is it?\n`);
  expect((await markdown).text).toContain(answer);

  const json = textOf(page.waitForEvent('download'));
  await dialog.getByRole('link', { name: 'JSON' }).click();
  expect(JSON.parse((await json).text)).toMatchObject({ format: 'rill-chat', version: 1 });

  // With the keyboard.
  const html = textOf(page.waitForEvent('download'));
  await dialog.getByRole('button', { name: 'Web page' }).press('Enter');
  const { name, text } = await html;
  expect(name).toMatch(/\.html$/);
  await expect(dialog).toBeHidden();

  const copy = await context.newPage();
  const requests: string[] = [];
  copy.on('request', (request) => requests.push(request.url()));
  await copy.route('https://copy.example/', (route) =>
    route.fulfill({ contentType: 'text/html', body: text }),
  );
  await copy.goto('https://copy.example/');
  await expect(copy.getByRole('article')).toHaveCount(2);
  await expect(copy.getByRole('link', { name: 'the docs' })).toHaveAttribute(
    'href',
    'https://docs.example/page',
  );
  await expect(copy.getByRole('math')).toBeVisible();
  await expect(copy.getByText('<script>document.title = "taken"</script>')).toBeVisible();
  expect(await copy.locator('script, iframe, object, link').count()).toBe(0);
  expect(await copy.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(requests).toEqual(['https://copy.example/']);
  expect(await violationsOf(copy)).toEqual([]);
  expect(chat.complaints).toEqual([]);
});

test.describe('with a model that sees pictures', () => {
  test.use({ rillOptions: { environment: { RILL_DEFAULT_MODEL: 'demo/echo' } } });
  test('an exported page contains its pictures, and shows them without a network', async ({
    page,
    rill,
    browser,
  }, testInfo) => {
    const chat = new ChatPage(page);
    await chat.open();
    const url = await solidPicture(page, 'image/png', modelColour);
    const images = [{ type: 'image_url', image_url: { url } }];
    rill.simulator.script('demo/echo', [{ images }, { delta: answer }]);
    const photo = Buffer.from(
      (await solidPicture(page, 'image/jpeg', photoColour)).split(',')[1] ?? '',
      'base64',
    );
    await dropFiles(page, [{ name: 'A "photo" & more.jpg', mimeType: 'image/jpeg', buffer: photo }]);
    await expect(chipsOf(page)).toContainText('tokens');
    await chat.send('What is on it?');
    await chat.settled();
    const download = page.waitForEvent('download');
    await (await openExport(page)).getByRole('button', { name: 'Web page' }).click();
    const path = testInfo.outputPath('chat.html');
    await (await download).saveAs(path);

    const offline = await browser.newContext({ offline: true });
    const copy = await offline.newPage();
    const requests: string[] = [];
    copy.on('request', (request) => requests.push(request.url()));
    const complaints: string[] = [];
    copy.on('console', (message) => complaints.push(message.text()));
    await copy.goto(pathToFileURL(path).href);
    const pictures = copy.getByRole('img');
    await expect(pictures).toHaveCount(2);
    for (const [index, colour] of [photoColour, modelColour].entries()) {
      const shown = await middleOf(copy, await pictures.nth(index).screenshot());
      for (const [part, value] of shown.entries())
        expect(Math.abs(value - (colour[part] ?? 0)), `${shown} is ${colour}`).toBeLessThan(12);
    }
    await expect(pictures.first()).toHaveAttribute('alt', 'A "photo" & more.jpg');
    expect(requests).toEqual([pathToFileURL(path).href]);
    expect(complaints).toEqual([]);
    await offline.close();
  });
});

test('a print has the whole chat on light paper, with wrapped code and the addresses of links', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: answer }]);
  await page.emulateMedia({ colorScheme: 'dark' });
  const chat = new ChatPage(page);
  await chat.open();
  for (let turn = 0; turn < 6; turn += 1) {
    await chat.send(`Question ${turn}`);
    await expect(chat.answers).toHaveCount(turn + 1);
    await chat.settled();
  }
  const printed = page.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        window.print = () => resolve(document.querySelector('dialog[open]') === null);
      }),
  );
  await (await openExport(page)).getByRole('button', { name: /^Print/ }).click();
  expect(await printed).toBe(true);

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const code = chat.answers.first().locator('pre');
  expect(await code.evaluate((element) => element.scrollWidth <= element.clientWidth + 1)).toBe(true);
  const link = chat.answers.first().getByRole('link', { name: 'the docs' });
  expect(await link.evaluate((element) => getComputedStyle(element, '::after').content)).toContain(
    'https://docs.example/page',
  );
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
  // The text in its printed layout: all turns in their order, nothing cut off, and no controls.
  const log = page.getByRole('log', { name: 'Conversation' });
  const turns = (await log.innerText()).split('Question ').slice(1);
  expect(turns.map(([number]) => number)).toEqual(['0', '1', '2', '3', '4', '5']);
  for (const turn of turns)
    for (const part of ['the docs', longLine, '<script>document.title = "taken"</script>'])
      expect(turn).toContain(part);
  const cutBy = await log.evaluate((element) => {
    for (let box: Element | null = element; box; box = box.parentElement)
      if (getComputedStyle(box).overflowY !== 'visible') return box.className || box.tagName;
    return null;
  });
  expect(cutBy).toBeNull();
  expect(await page.locator('body').innerText()).not.toMatch(/New chat|Settings|Send message|Copy/);
  await expect(chat.composer).toBeHidden();
  await page.emulateMedia({ media: null });
  const pdf = await page.pdf();
  const pages = pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? [];
  expect(pages.length).toBeGreaterThan(1);
});

test('everything is exported as one archive, on a phone too, and imported without a change', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  await page.goto('/settings/data');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export everything' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^rill-\d{4}-\d\d-\d\d\.zip$/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await violationsOf(page)).toEqual([]);

  const section = page.getByRole('region', { name: 'Import' });
  await section.locator('input[type=file]').setInputFiles(await file.path());
  await section.getByRole('button', { name: 'Import 1 conversation' }).click();
  await expect(section.getByRole('status')).toContainText('The import is done');
  expect(chat.complaints).toEqual([]);
});
