/**
 * Tests a chat that is only in the server's memory: it is marked, works like any other, and leaves no trace unless it
 * is kept.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

const asked = 'quince-in-the-question';
const answered = 'medlar-in-the-answer';

/** The files in the data folder that contain one of the marks. */
const marked = ({ dataDirectory }: Rill) =>
  readdirSync(dataDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return bytes.includes(asked) || bytes.includes(answered);
    })
    .map(({ name }) => name);

const bar = (page: Page) => page.getByRole('region', { name: 'Temporary chat' });
const rows = (page: Page) => page.getByRole('navigation').getByRole('listitem').getByRole('link');

test('a temporary chat is started with one key, survives a reload in the middle of an answer, and leaves no trace', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.keyboard.press('Alt+t');
  await expect(bar(page)).toBeVisible();
  await expect(chat.composer).toBeFocused();
  rill.simulator.nextScript(
    'demo/quick',
    [{ delta: `The ${answered}` }, { hold: 'more' }, { delta: ' is here.' }],
    [{ delta: `Another ${answered}` }, { hold: 'for ever' }],
  );
  await page.keyboard.type(`About ${asked}`);
  await page.keyboard.press('Enter');
  await expect(chat.lastAnswer).toContainText(`The ${answered}`);
  await page.reload();
  await expect(chat.lastAnswer).toContainText(`The ${answered}`);
  await expect(bar(page)).toBeVisible();
  rill.simulator.release('more');
  await expect(chat.lastAnswer).toContainText(`The ${answered} is here.`);
  await chat.settled();
  await chat.send(`More ${asked}`);
  await expect(chat.lastAnswer).toContainText(`Another ${answered}`);
  await page.keyboard.press('Escape');
  await expect(chat.lastAnswer).toContainText('Stopped after');

  // While it exists, it is in no list and in no search.
  await expect(rows(page)).toHaveCount(0);
  const found = await (await page.request.get(`${rill.url}/api/search?q=${asked}`)).json();
  expect(found).toMatchObject({ chats: [], messages: [] });
  const drafted = page.waitForResponse(
    (response) => response.url().endsWith('/draft') && response.request().method() === 'PUT',
  );
  await chat.composer.fill(`A draft of ${asked}`);
  await drafted;
  expect(marked(rill)).toEqual([]);

  const address = page.url();
  await bar(page).getByRole('button', { name: 'Close' }).press('Enter');
  await expect(bar(page)).toBeHidden();
  await expect(chat.composer).toHaveValue('');
  await page.goto(address);
  await expect(page.getByRole('heading', { name: 'This chat does not exist' })).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(asked);
  await rill.restart();
  expect(marked(rill)).toEqual([]);
  expect(rill.output()).not.toContain(asked);
  expect(rill.output()).not.toContain(answered);
});

test('a temporary chat that is kept becomes an ordinary chat, also after a restart', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [{ delta: `The ${answered}` }, { hold: 'end' }, { delta: '.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await expect(bar(page)).toBeVisible();
  await chat.send(`About ${asked}`);
  await expect(chat.lastAnswer).toContainText(answered);
  const keep = bar(page).getByRole('button', { name: 'Keep this chat' });
  await expect(keep).toHaveAttribute('aria-disabled', 'true');
  rill.simulator.release('end');
  await chat.settled();
  await keep.click();
  await expect(bar(page)).toBeHidden();
  await expect(rows(page)).toHaveText([`About ${asked}`]);
  await rill.restart();
  await page.reload();
  await expect(chat.lastAnswer).toContainText(answered);
  await expect(rows(page)).toHaveText([`About ${asked}`]);
  const found = await (await page.request.get(`${rill.url}/api/search?q=${asked}`)).json();
  expect(found.messages).toHaveLength(1);
});

test('text written while a temporary chat is being made is not sent in the former chat', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  const asking = Promise.withResolvers<void>();
  await page.route('**/api/projects/*/chats', async (route) => {
    await asking.promise;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await expect(chat.composer).not.toBeEditable();
  await page.keyboard.type('Not here');
  await page.keyboard.press('Enter');
  asking.resolve();
  await chat.send(`About ${asked}`);
  await expect(chat.answers).toHaveCount(1);
  await expect(bar(page)).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  await chat.settled();
  expect(marked(rill)).toEqual([]);
});

test('other tabs show no row of it, and continue without it when it is closed', async ({
  page,
  context,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await chat.send(`About ${asked}`);
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  const other = new ChatPage(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  await expect(bar(other.page)).toBeVisible();
  await expect(rows(other.page)).toHaveCount(0);
  await bar(page).getByRole('button', { name: 'Close' }).click();
  await expect(other.page.getByRole('heading', { name: 'This chat does not exist' })).toBeVisible();
  expect(marked(rill)).toEqual([]);
  await other.page.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`its frame is complete on a phone, and axe finds nothing wrong in the ${colorScheme} theme`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    const chat = new ChatPage(page);
    await chat.open();
    await page.getByRole('button', { name: 'Temporary chat' }).click();
    await expect(bar(page)).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await chat.composer.fill('Why?');
    await chat.sendButton.click();
    await expect(chat.answers).toHaveCount(1);
    await chat.settled();
    expect(await violationsOf(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
}
