import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test.use({ rillOptions: { simulator: { generationNotFoundCount: 0, lookUpHold: 'record' } } });

test('the cost of a stopped answer is an estimate until the provider reports it', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [{ delta: 'Kept text' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Kept text');
  await chat.stopButton.click();
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  const receipt = await chat.openReceipt();
  await expect(receipt).toContainText('estimated, more may still be billed');
  await expect(receipt.getByRole('row', { name: /^Tokens out ≈\d+/ })).toBeVisible();
  rill.simulator.release('record');
  // The feed brings the figures; nothing is reloaded.
  await expect(receipt).not.toContainText('estimated');
  await expect(receipt.getByRole('row', { name: 'Tokens out 1' })).toBeVisible();
  await expect(chat.lastAnswer).not.toContainText('≈');
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  await page.reload();
  await expect((await chat.openReceipt()).getByRole('row', { name: 'Tokens out 1' })).toBeVisible();
  await expect(chat.lastAnswer).not.toContainText('≈');
  expect(chat.complaints).toEqual([]);
});
