import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test.use({ rillOptions: { simulator: { generationNotFoundCount: 0, lookUpHold: 'record' } } });

test('the cost of a stopped answer is an estimate until the provider says what it was', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: 'Kept text' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Kept text');
  await chat.stopButton.click();
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  await expect(chat.lastAnswer).toContainText('estimated, more may still be billed');
  await expect(chat.lastAnswer).toContainText(/~\d+ out/);
  rill.simulator.release('record');
  // The feed brings the figures; nothing is reloaded.
  await expect(chat.lastAnswer).not.toContainText('estimated');
  await expect(chat.lastAnswer).toContainText('1 out');
  await expect(chat.lastAnswer).not.toContainText('~');
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  await page.reload();
  await expect(chat.lastAnswer).toContainText('1 out');
  await expect(chat.lastAnswer).not.toContainText('~');
  expect(chat.complaints).toEqual([]);
});
