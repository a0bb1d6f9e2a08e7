import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const model = 'demo/quick';
/** The client waits up to 10 s between two attempts. */
const longestReconnect = { timeout: 25_000 };

test('a stopped answer is continued as one answer, and its continuation can be retried', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript(model, [{ delta: '## Rivers\n\nThey run **down' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Where to?');
  await expect(chat.lastAnswer).toContainText('They run');
  await chat.stopButton.click();
  await chat.settled();

  rill.simulator.nextScript(model, [{ delta: 'hill** to' }, { hold: 'rest' }, { delta: ' the sea.' }]);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.lastAnswer).toContainText('downhill to');
  rill.simulator.release('rest');
  await chat.settled();
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.lastAnswer.locator('strong')).toHaveText('downhill');
  await expect(chat.lastAnswer.getByRole('heading', { name: 'Rivers' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue' })).toHaveCount(0);

  await page.reload();
  await expect(chat.lastAnswer).toContainText('They run downhill to the sea.');
  await expect(chat.answers).toHaveCount(1);

  rill.simulator.nextScript(model, [{ delta: 'stream** south.' }]);
  await chat.lastAnswer.getByRole('button', { name: 'Retry last part' }).click();
  await expect(chat.lastAnswer).toContainText('They run downstream south.');
  await chat.settled();
  await chat.lastAnswer.getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.lastAnswer).toContainText('They run downhill to the sea.');
  expect(chat.complaints).toEqual([]);
});

test('an answer that a killed server left can be continued', async ({ page, rill }) => {
  rill.simulator.nextScript(model, [{ delta: 'Half' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Half');
  await rill.kill9();
  await rill.restart();
  await expect(chat.lastAnswer).toContainText('The server restarted while', longestReconnect);
  rill.simulator.nextScript(model, [{ delta: ' and half.' }]);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.lastAnswer).toContainText('Half and half.');
  await chat.settled();
  await expect(chat.answers).toHaveCount(1);
});
