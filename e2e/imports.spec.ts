import type { Locator, Page } from '@playwright/test';
import { sampleConversation, zipOf } from '../backend/test/exportArchive.ts';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

const sample = (number: number) => JSON.stringify(sampleConversation(number, 2, (turn) => `Answer ${turn}`));

/** Twelve conversations, one that is broken and an empty one, in two files. */
function exportZip(): Promise<Buffer> {
  const first = Array.from({ length: 12 }, (_, index) => sample(index));
  const empty = JSON.stringify({ id: 'empty', title: 'An empty one', create_time: 1, mapping: {} });
  return zipOf({
    'conversations-000.json': `[${first.join(',')}]`,
    'conversations-001.json': `[{"id":"broken","mapping":{oops}},${empty}]`,
    'user.json': '{"id":"user"}',
  });
}

const sectionOf = (page: Page): Locator => page.getByRole('region', { name: 'Import' });

async function openImport(page: Page): Promise<Locator> {
  await page.goto('/settings/data');
  const section = sectionOf(page);
  await expect(section.getByRole('button', { name: 'Choose a file…' })).toBeVisible();
  return section;
}

async function dropFile(page: Page, target: Locator, bytes: Buffer): Promise<void> {
  const dataTransfer = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([content], 'export.zip', { type: 'application/zip' }));
    return transfer;
  }, bytes.toString('base64'));
  await target.dispatchEvent('dragover', { dataTransfer });
  await target.dispatchEvent('drop', { dataTransfer });
}

test('a dropped export is counted, imported by a button, and its broken parts are named; the second time nothing is new', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  const section = await openImport(page);
  const zip = await exportZip();
  await dropFile(page, section, zip);
  await expect(section.getByRole('status')).toContainText('ChatGPT has 12 conversations with 60 messages.');
  await expect(section).toContainText('3 other things cannot be shown');
  await section.getByRole('button', { name: 'Import 12 conversations' }).click();
  await expect(section.getByRole('status')).toContainText('The import is done: 12 new.');
  const report = section.getByRole('list', { name: 'Report' });
  await expect(report.getByRole('listitem')).toHaveText([
    /conversations-001\.json#1.*It is not valid JSON\./s,
  ]);
  await section.getByRole('combobox', { name: 'Show' }).selectOption('Left out (2)');
  await expect(report.getByRole('listitem')).toHaveText([
    /An empty one.*no message/s,
    /user\.json.*The account: not imported\./s,
  ]);
  expect(await violationsOf(page)).toEqual([]);
  await section.getByRole('combobox', { name: 'Show' }).selectOption('All (15)');
  await report.getByRole('link', { name: 'Conversation 3', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Conversation 3' }).first()).toBeVisible();
  await expect(chat.lastAnswer).toContainText('Answer 1');
  await expect(chat.lastAnswer).toContainText('1 / 2');
  await expect(page.getByRole('link', { name: /Conversation 3/ }).first()).toBeVisible();
  // It continues like any other chat: the model gets the imported messages.
  rill.simulator.script('demo/quick', [{ delta: 'A new answer.' }]);
  await chat.send('And now?');
  await expect(chat.lastAnswer).toContainText('A new answer.');
  const asked = rill.simulator.requests.map(({ body }) => JSON.stringify(body));
  expect(asked.some((body) => /Question 1 of conversation 3.*Answer 1.*And now\?/.test(body))).toBe(true);

  await page.goto('/settings/data');
  await section.getByRole('button', { name: 'Close' }).click();
  await dropFile(page, section, zip);
  await section.getByRole('button', { name: 'Import 12 conversations' }).click();
  await expect(section.getByRole('status')).toContainText('The import is done: 0 new, 12 here already.');
  expect(chat.complaints).toEqual([]);
});

test('a file that is not an export fails with a sentence, and another one can be chosen', async ({
  page,
}) => {
  const section = await openImport(page);
  await section.locator('input[type=file]').setInputFiles({
    name: 'letter.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"hello":1}'),
  });
  await expect(section.getByRole('status')).toContainText('The import failed.');
  await section.getByRole('button', { name: 'Close' }).click();
  await expect(section.getByRole('button', { name: 'Choose a file…' })).toBeVisible();
});

test('on a phone an export is imported into a chosen project with the keyboard alone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const section = await openImport(page);
  const choose = section.getByRole('button', { name: 'Choose a file…' });
  await choose.focus();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({
    name: 'export.zip',
    mimeType: 'application/zip',
    buffer: await exportZip(),
  });
  const into = section.getByRole('combobox', { name: 'Into the project' });
  await into.focus();
  await page.keyboard.press('ArrowDown');
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('Tab');
  await expect(section.getByRole('button', { name: 'Import 12 conversations' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(section.getByRole('status')).toContainText('12 new');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
