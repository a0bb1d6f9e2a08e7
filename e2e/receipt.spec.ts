/**
 * Tests what the receipt of an answer shows of its request: the instructions at that time, and the cost of the chat's
 * title.
 */
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test.use({ rillOptions: { environment: { RILL_TITLE_MODEL: 'demo/title' } } });

test('each receipt shows the instructions that were sent with its answer, whatever the project has now', async ({
  page,
  rill,
}) => {
  const { projects } = await (await page.request.get(`${rill.url}/api/projects`)).json();
  const instruct = (systemPrompt: string) =>
    page.request.patch(`${rill.url}/api/projects/${projects[0].id}`, {
      data: { systemPrompt, options: { temperature: 0.5 } },
    });
  await instruct('Answer in rhymes.');
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Why is the sky blue?');
  await chat.settled();
  await instruct('Answer in prose.');
  await chat.send('And red?');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();

  const receipt = await chat.openReceipt();
  await expect(receipt.getByRole('region', { name: 'Instructions that were sent' })).toHaveText(
    'Answer in prose.',
  );
  await expect(receipt.getByRole('row', { name: 'Temperature 0.5' })).toBeVisible();
  await expect(receipt.getByRole('row', { name: /^Title of the chat/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(receipt).toBeHidden();

  // With the keyboard alone, from where the focus has returned to.
  await chat.answers
    .first()
    .getByRole('button', { name: /^About this answer/ })
    .focus();
  await page.keyboard.press('Enter');
  await expect(receipt.getByRole('region', { name: 'Instructions that were sent' })).toHaveText(
    'Answer in rhymes.',
  );
  await expect(receipt.getByRole('row', { name: /^Title of the chat .*demo\/title/ })).toBeVisible();
});

test('a receipt says that no instructions were sent, and when that could not be read', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Why?');
  await chat.settled();
  const receipt = await chat.openReceipt();
  await expect(receipt).toContainText('No instructions were sent.');
  await page.keyboard.press('Escape');
  await page.route('**/receipt', (route) => route.abort());
  await chat.openReceipt();
  await expect(receipt).toContainText('What was sent could not be loaded.');
});

test('the receipt of an edited answer, and of one in a fork, refers to the original for what was sent', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Why?');
  await chat.settled();
  await chat.lastAnswer.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Fork from here' }).click();
  await expect(page.getByRole('link', { name: /^Forked from/ })).toBeVisible();
  const receipt = await chat.openReceipt();
  await expect(receipt).toContainText('This is a copy. What was sent stands in the receipt of the original');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: /^Forked from/ }).click();
  await expect(page.getByRole('link', { name: /^Forked from/ })).toHaveCount(0);
  await chat.lastAnswer.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edit answer' }).fill('Because.');
  await page.keyboard.press('Control+Enter');
  await expect(chat.lastAnswer).toContainText('Edited by you');
  await chat.openReceipt();
  await expect(receipt).toContainText('This text is yours. What was sent stands in the receipt');
  expect(await violationsOf(page)).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`long instructions scroll inside the receipt, on a phone too, and axe finds nothing in the ${colorScheme} theme`, async ({
    page,
    rill,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const { projects } = await (await page.request.get(`${rill.url}/api/projects`)).json();
    const systemPrompt = Array.from({ length: 60 }, (_, index) => `Rule ${index + 1} of many.`).join('\n');
    await page.request.patch(`${rill.url}/api/projects/${projects[0].id}`, { data: { systemPrompt } });
    const chat = new ChatPage(page);
    await chat.open();
    await chat.composer.fill('Why?');
    await chat.sendButton.click();
    await chat.settled();
    const receipt = await chat.openReceipt();
    const sent = receipt.getByRole('region', { name: 'Instructions that were sent' });
    await expect(sent).toContainText('Rule 60 of many.');
    await expect(receipt).toBeInViewport({ ratio: 1 });
    expect(await cutOff(page, '.popover')).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
    await sent.focus();
    await page.keyboard.press('End');
    await expect.poll(() => sent.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });
}
