import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const turn = (answer: string) => [{ delta: answer }];

test('a message sent during an answer to another browser is queued, and is sent after that answer', async ({
  page,
  browser,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', turn('The first answer.'));
  rill.simulator.nextScript('demo/quick', [
    { delta: 'Half of the second' },
    { hold: 'end' },
    { delta: ' answer.' },
  ]);
  rill.simulator.nextScript('demo/quick', turn('The third answer.'));
  const first = new ChatPage(page);
  await first.open();
  await first.send('One');
  await expect(first.lastAnswer).toContainText('The first answer.');
  await first.settled();
  // A separate browser, which is not told what happens elsewhere.
  const second = new ChatPage(await browser.newPage());
  await second.page.route('**/api/events', (route) => route.abort());
  await second.open(page.url());
  await expect(second.lastAnswer).toContainText('The first answer.');
  await first.send('From the first');
  await expect(first.lastAnswer).toContainText('Half of the second');
  await second.send('From the second');
  await expect(second.page.getByText(/^Queued/).first()).toBeVisible();
  await expect(second.lastAnswer).toContainText('Half of the second');
  const log = second.page.getByRole('log');
  await expect(log.getByText('From the first', { exact: true })).toHaveCount(1);
  await expect(log.getByText('From the second', { exact: true })).toHaveCount(1);
  await expect(second.answers).toHaveCount(2);
  rill.simulator.release('end');
  await expect(second.answers.nth(1)).toContainText('Half of the second answer.');
  // The server sends queued messages; this browser learns of it once its feed is connected.
  await second.page.unroute('**/api/events');
  await expect(second.lastAnswer).toContainText('The third answer.', { timeout: 20_000 });
  await second.settled();
  await expect(second.answers).toHaveCount(3);
  await expect(log.getByText('From the second', { exact: true })).toHaveCount(1);
  await second.page.close();
});

test('a tab that missed a turn shows it once it sends', async ({ page, context, rill }) => {
  for (const answer of ['The first answer.', 'The missed answer.', 'The third answer.'])
    rill.simulator.nextScript('demo/quick', turn(answer));
  const first = new ChatPage(page);
  await first.open();
  await first.send('One');
  await first.settled();
  const second = new ChatPage(await context.newPage());
  await second.open(new URL(page.url()).pathname);
  await expect(second.lastAnswer).toContainText('The first answer.');
  await first.send('Two');
  await expect(first.lastAnswer).toContainText('The missed answer.');
  await first.settled();
  await second.send('Three');
  await expect(second.lastAnswer).toContainText('The third answer.');
  const messages = second.page.getByRole('article');
  await expect(messages).toHaveCount(6);
  for (const [index, content] of [
    'One',
    'The first answer.',
    'Two',
    'The missed answer.',
    'Three',
    'The third answer.',
  ].entries())
    await expect(messages.nth(index)).toContainText(content);
  expect(second.complaints).toEqual([]);
});

test('a reload while an answer is regenerated shows which version it is', async ({ page, rill }) => {
  rill.simulator.nextScript('demo/quick', turn('The first version.'));
  rill.simulator.nextScript('demo/quick', [{ delta: 'The second' }, { hold: 'end' }, { delta: ' version.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  await chat.lastAnswer.getByRole('button', { name: 'Retry' }).click();
  await expect(chat.lastAnswer).toContainText('The second');
  await expect(chat.lastAnswer).toContainText('2 / 2');
  await page.reload();
  await expect(chat.lastAnswer).toContainText('The second');
  await expect(chat.lastAnswer).toContainText('2 / 2');
  rill.simulator.release('end');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('The second version.');
  await expect(chat.lastAnswer).toContainText('2 / 2');
  await expect(chat.answers).toHaveCount(1);
});
