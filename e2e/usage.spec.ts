import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test('the usage page shows the cost of answers, with the same figures in its plot, its tables and its files', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('quick');
  await expect(chat.stopButton).toBeHidden();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('usage');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/usage$/);
  await expect(page).toHaveTitle(/Usage/);
  await expect(page.getByRole('heading', { name: 'Usage', exact: true })).toBeFocused();
  const byModel = page.getByRole('table', { name: 'By model' });
  await expect(byModel.getByRole('row')).toHaveCount(2);
  await expect(page.locator('.usage-plot canvas')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'By model as a CSV file' }).click();
  expect((await download).suggestedFilename()).toMatch(/^usage-by-model-.*\.csv$/);
  await page.getByText('7 days').click();
  await expect(page.getByRole('table', { name: 'By day' }).getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Close usage' }).click();
  await expect(chat.lastAnswer).toBeVisible();
  expect(chat.complaints).toEqual([]);
});

test('the usage page includes answers from elsewhere at once, and divides days by model in plot, table and file', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('quick');
  await chat.settled();
  const messages = `${rill.url}/api${new URL(page.url()).pathname}/messages`;
  await page.goto('/usage');
  const byModel = page.getByRole('table', { name: 'By model' });
  await expect(byModel.getByRole('row')).toHaveCount(2);
  await page.request.post(messages, { data: { content: 'And you?', model: 'demo/thinker' } });
  await expect(byModel.getByRole('row')).toHaveCount(3);
  await page.getByRole('radio', { name: 'Cost' }).focus();
  await page.keyboard.press('ArrowRight');
  const divided = page.getByRole('table', { name: 'By day and model' });
  await expect(divided.getByRole('columnheader')).toHaveText([
    'Day',
    'Cost',
    /Thinker|Quick/,
    /Thinker|Quick/,
  ]);
  await expect(page.locator('.usage-plot figcaption span')).toHaveText([/Thinker|Quick/, /Thinker|Quick/]);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'By day and model as a CSV file' }).click();
  expect((await download).suggestedFilename()).toMatch(/^usage-by-day-and-model-.*\.csv$/);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await page.getByRole('radio', { name: 'Project' }).check({ force: true });
  await expect(page.getByRole('table', { name: 'By day and project' })).toBeVisible();
  expect(chat.complaints).toEqual([]);
});

test('a budget is set with the keyboard, and a message that it does not allow is kept with that reason', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.goto('/usage');
  await expect(page.getByText('Nothing was asked in these days.')).toBeVisible();
  const field = page.getByRole('textbox', { name: 'US dollars a month for all projects' });
  await field.fill('zero');
  await field.press('Enter');
  await expect(page.getByText('Enter an amount above 0')).toBeVisible();
  await field.fill('0.0000001');
  await field.press('Enter');
  await expect(page.getByText('$0 of <$0.0001 used until')).toBeVisible();
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('quick');
  await expect(chat.stopButton).toBeHidden();
  await chat.send('One more');
  await expect(page.getByText('is used up until').first()).toBeVisible();
  await expect(page.getByText('monthly budget used up')).toBeVisible();
  await page.goto('/usage');
  await field.fill('');
  await field.press('Enter');
  await expect(page.getByText('used this month')).toBeVisible();
  expect(chat.complaints.filter((each) => !each.includes('402'))).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test(`axe finds nothing wrong with the usage page on a ${device} in the ${colorScheme} theme`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const chat = new ChatPage(page);
      await chat.open();
      await chat.send('Hello');
      await expect(chat.lastAnswer).toContainText('quick');
      await expect(chat.stopButton).toBeHidden();
      await page.goto('/usage');
      await expect(page.getByRole('table', { name: 'By project' })).toBeVisible();
      expect(await violationsOf(page)).toEqual([]);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(viewport.width);
    });
  }
}
