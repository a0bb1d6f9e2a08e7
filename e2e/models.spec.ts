/** Tests the list of 400 models, pins, and the parameters of a chat, in the whole product. */
import { manyModels } from '@rill/simulator';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

const search = { name: 'Search models' };

test.describe('among 400 models', () => {
  test.use({ rillOptions: { simulator: { modelList: manyModels() } } });

  test('one is found by typing, pinned by a key, and listed first on another device', async ({
    page,
    browser,
    rill,
  }) => {
    const chat = new ChatPage(page);
    await chat.open();
    await page.getByRole('button', { name: /^Model: / }).click();
    await page.getByRole('combobox', search).fill('son 4.5');
    await expect(page.getByRole('option').first()).toContainText('Claude Sonnet 4.5');
    await expect(page.getByRole('option').first()).toContainText('1M · $3 / $15');
    await page.keyboard.press('Alt+Enter');
    await page.getByRole('combobox', search).fill('');
    await expect(page.getByText('Pinned', { exact: true })).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);

    const other = await browser.newPage();
    await other.goto(rill.url);
    await other.getByRole('button', { name: /^Model: / }).click();
    await expect(other.getByText('Pinned', { exact: true })).toBeVisible();
    await other.close();

    await page.getByRole('combobox', search).fill('cheap vision 200k');
    await expect(page.getByRole('option').first()).toContainText(/\$0\.0\d/);
    // Any name can be requested.
    rill.simulator.script('@preset/writer', [{ delta: 'As it was typed.' }]);
    await page.getByRole('combobox', search).fill('@preset/writer');
    await page.keyboard.press('Enter');
    await chat.send('Hello');
    await expect(chat.lastAnswer).toContainText('As it was typed.');
  });
});

test('parameters of a chat are set with the keyboard, sent from the next message on, and shown in its receipt', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('button', { name: 'Parameters' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Parameters of this chat' });
  await dialog.getByRole('spinbutton', { name: 'Temperature, 0 to 2' }).fill('0.3');
  await dialog.getByRole('combobox', { name: 'Only providers that keep nothing' }).selectOption('Yes');
  await dialog.getByRole('spinbutton', { name: 'Top P, above 0 to 1' }).fill('0.9');
  await dialog.getByRole('spinbutton', { name: 'Seed, a whole number' }).fill('7');
  await dialog
    .getByRole('textbox', { name: 'Texts at which the answer ends, one on each line' })
    .fill('END\n\\n\\n\\n');
  await dialog.getByRole('textbox', { name: 'Only these providers' }).fill('azure, openai');
  expect(await violationsOf(page)).toEqual([]);
  await dialog.getByRole('spinbutton', { name: 'Temperature, 0 to 2' }).press('Enter');
  await expect(dialog).toBeHidden();
  await chat.send('Hello');
  await chat.settled();
  const [sent] = rill.simulator.requests.filter(({ model }) => model === 'demo/quick');
  expect(sent?.body).toMatchObject({
    temperature: 0.3,
    top_p: 0.9,
    seed: 7,
    stop: ['END', '\n\n\n'],
    provider: { only: ['azure', 'openai'], zdr: true, data_collection: 'deny' },
  });
  const receipt = await chat.openReceipt();
  for (const name of ['Top P 0.9', 'Seed 7', /^Stops at END, /, 'Only providers azure, openai'])
    await expect(receipt.getByRole('row', { name })).toBeVisible();
  await expect(receipt.getByRole('row', { name: 'Only providers that keep nothing Yes' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Parameters, changed for this chat' })).toBeVisible();
});

test('when the list cannot be loaded, any name can be typed', async ({ page, rill }) => {
  await page.route('**/api/models', (route) => route.abort());
  rill.simulator.script('maker/unlisted', [{ delta: 'Here.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('button', { name: /^Model: / }).click();
  await expect(
    page.getByText('The list of models could not be loaded. Any name can be typed.'),
  ).toBeVisible();
  await page.keyboard.type('maker/unlisted');
  await page.keyboard.press('Enter');
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Here.');
});
