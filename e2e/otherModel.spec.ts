/** Another model for an answer that is there: the picker at the message, the two versions, and who wrote which. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test('an answer is written again by another model, chosen by keys, and both versions stay', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: 'Written by the first.' }]);
  rill.simulator.script('demo/echo', [{ delta: 'Written by the second.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Who wrote this?');
  await expect(chat.lastAnswer).toContainText('Written by the first.');
  await chat.settled();
  await chat.lastAnswer.getByRole('button', { name: 'More' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Retry with another model' }).press('Enter');
  await page.getByRole('combobox', { name: 'Search models' }).fill('echo');
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(chat.lastAnswer).toContainText('Written by the second.');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('2 / 2');
  await expect(chat.lastAnswer).toContainText('demo/echo');
  const sent = rill.simulator.requests.findLast(({ model }) => model === 'demo/echo')?.body;
  expect(sent).toMatchObject({ messages: [{ role: 'user', content: 'Who wrote this?' }] });
  // What follows is asked of the model that was chosen.
  await expect(page.getByRole('button', { name: /^Model: / })).toContainText('Echo');

  await chat.lastAnswer.getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.lastAnswer).toContainText('Written by the first.');
  const receipt = await chat.openReceipt();
  await expect(receipt).toContainText('demo/quick');
  expect(chat.complaints).toEqual([]);
});
