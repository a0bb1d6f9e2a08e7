/**
 * Tests saved prompts: inserted by a slash and filled by Tab, saved from a message, edited in the settings as Markdown.
 */
import { readFile } from 'node:fs/promises';
import type { Page, Route } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

const letter =
  'Write about {{topic}} for {{reader}}, in {{count}} words. Keep {{ this, and /that }} as it is.';

async function save(page: Page, { url }: Rill, prompts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(prompts)) {
    const saved = await page.request.post(`${url}/api/prompts`, {
      data: { name, content },
      headers: { origin: url },
    });
    expect(saved.status()).toBe(201);
  }
}
const options = (page: Page) => page.getByRole('listbox', { name: 'Saved prompts' }).getByRole('option');

test('with the keyboard alone, from a slash to a message with three fields', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await save(page, rill, { Letter: letter, Translate: 'Translate this.', 'List of things': 'List things.' });
  await chat.open();
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('Please: /');
  await expect(options(page)).toHaveCount(3);
  await page.keyboard.type('l');
  await expect(options(page)).toHaveText([/^Letter/, /^List of things/, /^Translate/]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect(options(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(options(page)).toHaveCount(0);
  await expect(chat.composer).toHaveValue(`Please: ${letter}`);
  await page.keyboard.type('tides');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a sailor');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.type('100');
  await page.keyboard.press('Tab');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.press('Enter');
  await chat.settled();
  const sent = 'Please: Write about tides for a sailor, in 100 words. Keep {{ this, and /that }} as it is.';
  await expect(page.getByRole('article').first()).toContainText(sent);
});

test('an Enter before the list is loaded waits for it, and sends nothing', async ({ page, rill }) => {
  const asked = Promise.withResolvers<Route>();
  await page.route(/PromptPicker[^/]*\.js/, asked.resolve);
  const chat = new ChatPage(page);
  await save(page, rill, { Letter: letter, Translate: 'Translate this.' });
  await chat.open();
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('Please: /tra');
  await page.keyboard.press('Enter');
  await (await asked.promise).continue();
  await expect(chat.composer).toHaveValue('Please: Translate this.');
  await expect(page.getByRole('article')).toHaveCount(0);
  // A word that is not a prompt is sent unchanged.
  await chat.composer.fill('');
  await page.keyboard.type('/usr');
  await expect(page.getByText('No prompt has this name.')).toBeVisible();
  await page.keyboard.press('Enter');
  await chat.settled();
  await expect(page.getByRole('article').first()).toContainText('/usr');
});

test('an Esc before the list is loaded cancels it, and stops no answer', async ({ page, rill }) => {
  const asked = Promise.withResolvers<Route>();
  await page.route(/PromptPicker[^/]*\.js/, asked.resolve);
  const chat = new ChatPage(page);
  await save(page, rill, { Letter: letter });
  await chat.open();
  rill.simulator.nextScript('demo/quick', [{ delta: 'It ' }, { hold: 'more' }, { delta: 'ends.' }]);
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('It');
  await page.keyboard.type('/le');
  await page.keyboard.press('Escape');
  const loaded = page.waitForResponse(/PromptPicker[^/]*\.js/);
  await (await asked.promise).continue();
  await (await loaded).finished();
  await page.keyboard.type('t');
  await expect(chat.composer).toHaveValue('/let');
  await expect(options(page)).toHaveCount(0);
  await expect(chat.stopButton).toBeVisible();
  rill.simulator.release('more');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('It ends.');
});

test('Esc leaves the text and the answer alone, and a slash inside a word or a path opens nothing', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await save(page, rill, { Letter: letter });
  await chat.open();
  rill.simulator.nextScript('demo/quick', [{ delta: 'It ' }, { hold: 'more' }, { delta: 'ends.' }]);
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('It');
  await chat.composer.focus();
  await page.keyboard.type('/le');
  await expect(options(page)).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(options(page)).toHaveCount(0);
  await expect(chat.composer).toHaveValue('/le');
  await expect(chat.stopButton).toBeVisible();
  await chat.composer.fill('');
  await page.keyboard.type('and/or /etc/hosts');
  await expect(options(page)).toHaveCount(0);
  rill.simulator.release('more');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('It ends.');
});

test('is saved from a message, edited, deleted with Undo, and is the same Markdown when it is imported', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Explain {{topic}} to a child.');
  await chat.settled();
  await page.getByRole('article').first().hover();
  await page.getByRole('button', { name: 'More actions for this message' }).first().click();
  await page.getByRole('menuitem', { name: 'Save as prompt' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as prompt' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Explain');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  await page.goto('/settings/prompts');
  const section = page.getByRole('region', { name: 'Prompts', exact: true });
  await expect(section.getByText('Explain {{topic}} to a child.')).toBeVisible();
  await page.getByRole('button', { name: 'Edit the prompt: Explain' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit prompt' });
  await edit.getByRole('textbox', { name: 'Text' }).fill('Explain {{topic}} /briefly,\nwith `{{` as it is.');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(section.getByText('Explain {{topic}} /briefly')).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as Markdown' }).click();
  const path = await (await download).path();
  expect(await readFile(path, 'utf8')).toBe(
    '# Explain\n\n````prompt\nExplain {{topic}} /briefly,\nwith `{{` as it is.\n````\n',
  );
  await page.getByRole('button', { name: 'Delete the prompt: Explain' }).click();
  await expect(page.getByText('“Explain” is deleted.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Delete the prompt: Explain' })).toBeVisible();
  await page.getByRole('button', { name: 'Delete the prompt: Explain' }).click();
  await page.locator('input[type="file"][accept*="markdown"]').setInputFiles({
    name: 'prompts.md',
    mimeType: 'text/markdown',
    buffer: await readFile(path),
  });
  await expect(section.getByText('Explain {{topic}} /briefly')).toBeVisible();
  const { prompts } = await (await page.request.get(`${rill.url}/api/prompts`)).json();
  expect(prompts).toMatchObject([
    { name: 'Explain', content: 'Explain {{topic}} /briefly,\nwith `{{` as it is.' },
  ]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the list and the section are accessible on a phone, ${colorScheme}`, async ({ page, rill }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const chat = new ChatPage(page);
    await save(page, rill, {
      Letter: letter,
      'A prompt with a name that is long enough to be cut': 'Short.',
    });
    await chat.open();
    await chat.composer.click();
    await page.keyboard.type('/');
    await expect(options(page)).toHaveCount(2);
    expect(await violationsOf(page)).toEqual([]);
    await options(page).first().click();
    await expect(chat.composer).toHaveValue('Short.');
    await page.goto('/settings/prompts');
    await expect(page.getByRole('button', { name: 'Edit the prompt: Letter' })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Edit the prompt: Letter' }).click();
    await expect(page.getByRole('dialog', { name: 'Edit prompt' })).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
  });
}
